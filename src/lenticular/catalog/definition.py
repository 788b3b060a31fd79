"""What all definitions have in common."""

from __future__ import annotations

import msgspec


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """An immutable part of a catalog. Its JSON and YAML names are in camelCase; unknown ones are refused."""
