"""Whether a file system keeps what it promised: one that gives up while `fsync` waits may answer that all is well.

ext4 with `errors=remount-ro` aborts its journal when it meets an error, and drops the transaction that was being
written. A `fsync` that waits for just that transaction then finds neither it nor an error, and returns 0 (Linux 6.18,
`jbd2_complete_transaction`). Whatever needs a new transaction is refused from then on, so one is asked for.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from lenticular.errors import Problem, StoreError

_GIVEN_UP = (errno.EROFS, errno.EIO)


class Doubt:
    """A file of a folder whose length changes whenever it is asked whether the file system has given up."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._length = os.fstat(self._file).st_size
        except OSError as error:
            raise _given_up(path, error) from None

    def settle(self) -> None:
        """Return if the file system goes on; then what `fsync` said before is so. Raises StoreError."""
        self._length = 0 if self._length else 1
        try:
            os.ftruncate(self._file, self._length)
        except OSError as error:
            if error.errno in _GIVEN_UP:  # a full disk takes no promise back
                raise _given_up(self._path, error) from None

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _given_up(path: Path, error: OSError) -> StoreError:
    hint = "Look at the disk and the folder's rights, and at the system's log."
    message = f"The data folder can't be written to: {error.strerror}."
    return StoreError(Problem("data_read_only", message, str(path.parent), hint))
