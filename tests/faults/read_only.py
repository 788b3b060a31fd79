"""A real file system of its own, in a file: it can be made to refuse writes, and to write again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SIZE = 900 << 20
"""Bytes, of which the disk takes no more than is written."""


class Ext4:
    """An ext4 that is mounted at `folder`."""

    def __init__(self, image: Path, folder: Path) -> None:
        self.image, self.folder = image, folder

    def mount(self) -> None:
        _run("mount", "-o", "loop,errors=remount-ro", self.image, self.folder)

    def remount(self, mode: str) -> None:
        """Let a mounted one be written to (`rw`), or not (`ro`)."""
        _run("mount", "-o", f"remount,{mode}", self.folder)

    def unmount(self) -> None:
        _run("umount", self.folder)

    def refuse(self) -> None:
        """Let no file and folder be changed, as a remount does, until `take`."""
        self._change("+i")

    def take(self) -> None:
        """Let everything be written again."""
        self._change("-i")

    def _change(self, mode: str) -> None:
        data = self.folder / "data"
        _run("chattr", mode, data, *data.glob("*.db*"))
        _run("chattr", "-R", mode, data / "sites")

    def fail(self) -> None:
        """Let it meet an error: it takes nothing more, until it is mounted again."""
        device = Path(_run("findmnt", "-no", "SOURCE", self.folder).strip()).name
        assert device.startswith("loop"), device
        Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("x")


@contextmanager
def ext4(folder: Path) -> Iterator[Ext4]:
    """A mounted file system; skips the test where there can be none."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    folder.mkdir()
    made = Ext4(folder.with_suffix(".image"), folder)
    with made.image.open("wb") as image:
        image.truncate(SIZE)
    try:
        _run("mkfs.ext4", "-q", "-F", made.image)
        made.mount()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system can be mounted here")
    try:
        yield made
    finally:
        if os.path.ismount(folder):
            _run("umount", "--lazy", folder)


def _run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
