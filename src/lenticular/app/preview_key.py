"""The key that an installation signs preview links with."""

from __future__ import annotations

from lenticular.accounts.secret import new_secret
from lenticular.app.folder import PREVIEW_KEY
from lenticular.app.open import Installation
from lenticular.stores.files.secret import kept_secret


def preview_key(installation: Installation) -> bytes:
    """Return the key, made if there is none yet. Raises StoreError."""
    return kept_secret(installation.folder.path / PREVIEW_KEY, lambda: new_secret("", installation.new_id))
