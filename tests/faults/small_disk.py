"""A disk small enough to be filled: a file system in memory, which only root may mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CHUNK = bytes(1024 * 1024)


def is_possible() -> bool:
    """Whether this process may mount one."""
    return os.geteuid() == 0


class SmallDisk:
    """Mounted at `folder`."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """To the last byte."""
        with self._ballast.open("ab", buffering=0) as out:
            for chunk in (_CHUNK, _CHUNK[:4096], _CHUNK[:1]):
                _write_all(out.fileno(), chunk)

    def clear(self) -> None:
        """There is room again."""
        self._ballast.unlink()


def _write_all(descriptor: int, chunk: bytes) -> None:
    try:
        while os.write(descriptor, chunk):
            pass
    except OSError:
        # No room for another: that was the aim.
        return


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """An empty one at `folder`, gone with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "wardstream-faults", folder], check=True
    )
    try:
        yield SmallDisk(folder)
    finally:
        # Lazily: a process that is still ending may have a file open there.
        subprocess.run(["umount", "--lazy", folder], check=True)
