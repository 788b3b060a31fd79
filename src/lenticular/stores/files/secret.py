"""A secret of the installation: a file that only its owner reads, made when it is asked for first."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from lenticular.errors import Problem, StoreError


def kept_secret(path: Path, new: Callable[[], str]) -> bytes:
    """Return the bytes of a file; if there is none, it is made with a `new` secret. Raises StoreError."""
    try:
        if not path.exists():
            fresh = path.with_name(f"{path.name}.new")
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(new())
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(path)
        return path.read_bytes()
    except OSError as error:
        hint = "Give the user that runs Lenticular the right to read and write there."
        raise StoreError(Problem("secret.file", f"It can't be used: {error.strerror}.", str(path), hint)) from None
