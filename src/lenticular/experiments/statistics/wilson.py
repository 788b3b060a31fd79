"""How sure a proportion is that was seen in a sample."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054
"""The standard normal quantile of 0.975: what lies within it on both sides has a probability of 95 %."""


def wilson(found: int, of: int, z: float = Z95) -> tuple[float, float]:
    """Return the score interval of a proportion of which `found` of `of` (at least 1) were seen, both ends in [0, 1].

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference, Journal of the
    American Statistical Association 22, 209-212. It stays within [0, 1] and holds its level for rare things too.
    """
    share, square = found / of, z * z / of
    centre = share + square / 2
    spread = z * sqrt(share * (1 - share) / of + square / of / 4)
    return max(0.0, (centre - spread) / (1 + square)), min(1.0, (centre + spread) / (1 + square))
