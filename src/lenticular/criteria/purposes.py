"""Why data may be used: the purposes, and the bit that each has in a profile's mask of what is withheld."""

from __future__ import annotations

PURPOSES: dict[str, int] = {"analytics": 1, "personalization": 2}
"""Bit by purpose. A profile whose mask has the bit withholds its data from that purpose (DESIGN §4.2, Consent)."""
