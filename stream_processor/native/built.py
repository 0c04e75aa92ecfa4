"""Where the compiled quiet path lies: beside its source, under a name that says which source and which Python it is of."""

import sysconfig
from hashlib import sha256
from pathlib import Path

SOURCE = Path(__file__).with_name("quiet.c")
MODULE = "_quiet"
# Whatever changes the machine code belongs here, for it is part of the name. No operation may be fused with another: Python
# rounds after each.
FLAGS = ("-O2", "-std=c11", "-fPIC", "-shared", "-ffp-contract=off", "-fno-strict-aliasing", "-DNDEBUG")


def path() -> Path:
    """The compiled file of the source as it is now: one compiled from any other has another name, and is never loaded."""
    digest = sha256(SOURCE.read_bytes() + " ".join(FLAGS).encode()).hexdigest()[:16]
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    return SOURCE.with_name(f"{MODULE}-{digest}{suffix}")
