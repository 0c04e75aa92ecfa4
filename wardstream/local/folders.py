"""Where local runs keep their things: all below one folder of the checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def home() -> Path:
    """`.wardstream` of the checkout; of the current folder when the package isn't run from a checkout."""
    checkout = _PACKAGE.parent
    return (checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()) / ".wardstream"


def instance() -> Path:
    """Data, logs and state of what `wardstream up` runs."""
    return home() / "up"


def jars() -> Path:
    """What Maven fetched, a folder per server."""
    return home() / "jars"


def certs() -> Path:
    """The certificate authorities of `wardstream up`, and what they issued."""
    return instance() / "certs"
