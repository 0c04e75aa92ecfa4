"""Files that hold secrets, or stand beside them."""

import os
from pathlib import Path


def put(file: Path, content: bytes, mode: int) -> None:
    """Whole or not at all, on the disk when it returns, and never readable by more than `mode` says. Its folder is there."""
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    # The mode from the first byte on: nobody reads a key between its writing and a later chmod.
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    partial.rename(file)
