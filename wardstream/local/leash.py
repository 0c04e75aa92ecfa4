"""Run as a file in front of a program: ties it to the life of the process that started it, then becomes it.

Usage: python -I -S leash.py PARENT_PID PROGRAM [ARGUMENT ...]
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
# Ten thousand devices are ten thousand sockets; the usual soft limit is 1024.
_OPEN_FILES = 65536


def main(parent: int, program: list[str]) -> None:
    """Becomes `program`, which the kernel kills when `parent` dies, however it dies (Linux; elsewhere no such tie)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have died before the line above; then nobody would ever kill us.
    if os.getppid() != parent:
        sys.exit("leash: the process that started this is gone")
    _raise_file_limit()
    try:
        os.execvp(program[0], program)  # noqa: S606 -- no shell is the point
    except OSError as error:
        sys.exit(f"cannot run {program[0]}: {error.strerror}")


def _raise_file_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    # macOS refuses more than its own constant: the limit then stays as it was.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
