"""`python -m stream_processor.native.build`: compiles the quiet path, if it isn't, and says so in a line if it can't.

Needs a C compiler (`CC`, else cc, gcc, clang, or zig from PyPI) and Python's headers; without them scoring runs in Python,
with the same results. Ends with 1 only if asked to (`--required`).
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from stream_processor.native.built import FLAGS, MODULE, SOURCE, path


class CannotCompile(Exception):  # noqa: N818 -- a sentence: "raise CannotCompile"
    """No compiler, no headers, or a compiler that refuses the source."""


def compiler() -> list[str]:
    """The command that compiles; `CannotCompile` if there is none."""
    if os.environ.get("CC"):
        return shlex.split(os.environ["CC"])
    for name in ("cc", "gcc", "clang"):
        if shutil.which(name):
            return [name]
    if find_spec("ziglang") is not None:
        # By itself it would compile for just the processor it runs on.
        return [sys.executable, "-m", "ziglang", "cc", "-mcpu=baseline"]
    raise CannotCompile("no C compiler")


def compiled(command: Sequence[str]) -> Path:
    """Compiles with `command`; whole or not at all, whoever else does the same. What other sources left is removed."""
    target = path()
    include = Path(sysconfig.get_paths()["include"])
    if not (include / "Python.h").is_file():
        raise CannotCompile("Python's headers are missing (on Debian or Ubuntu: python3-dev)")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".compiling-") as scratch:
        made = Path(scratch) / target.name
        done = subprocess.run(  # noqa: S603 -- the compiler that was asked for
            [*command, *FLAGS, f"-I{include}", str(SOURCE), "-o", str(made), "-lm"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CannotCompile(f"{shlex.join(command)}: {done.stderr.strip()[-2000:]}")
        made.replace(target)
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    for old in target.parent.glob(f"{MODULE}-*{suffix}"):
        if old != target:
            old.unlink(missing_ok=True)
    return target


def main(arguments: Sequence[str]) -> int:
    """Compiles if need be; says what it did on stderr, and nothing if there was nothing to do."""
    if path().is_file():
        return 0
    try:
        compiled(compiler())
    except (CannotCompile, OSError) as why:
        print(f"setup: scoring stays interpreted, half as fast: {why}", file=sys.stderr)  # noqa: T201 -- a command's word
        return 1 if "--required" in arguments else 0
    print("setup: compiled the quiet path of scoring", file=sys.stderr)  # noqa: T201 -- a command's word
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
