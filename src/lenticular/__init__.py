"""Audience segmentation and web personalization: rules, decisions and their reasons.

These names are all that a program needs; each is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lenticular.criteria.explain import Explanation as Explanation
    from lenticular.decide.decision import Decision as Decision
    from lenticular.decide.decision import PageDecision as PageDecision
    from lenticular.decide.decision import SlotDecision as SlotDecision
    from lenticular.decide.request import Request as Request
    from lenticular.embedded.engine import Engine as Engine
    from lenticular.embedded.person import Person as Person
    from lenticular.errors import CatalogError as CatalogError
    from lenticular.errors import LenticularError as LenticularError
    from lenticular.errors import Problem as Problem
    from lenticular.errors import RuleError as RuleError

_HOMES = {
    "CatalogError": "errors",
    "Decision": "decide.decision",
    "Engine": "embedded.engine",
    "Explanation": "criteria.explain",
    "LenticularError": "errors",
    "PageDecision": "decide.decision",
    "Person": "embedded.person",
    "Problem": "errors",
    "Request": "decide.request",
    "RuleError": "errors",
    "SlotDecision": "decide.decision",
}

__all__ = [
    "CatalogError",
    "Decision",
    "Engine",
    "Explanation",
    "LenticularError",
    "PageDecision",
    "Person",
    "Problem",
    "Request",
    "RuleError",
    "SlotDecision",
]


def __getattr__(name: str) -> Any:
    """Load a public name (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
