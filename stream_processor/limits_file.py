"""LIMITS_FILE: limits for everybody, as an operator writes them."""

from pathlib import Path

import msgspec

from wardstream.runtime.failure import CannotRun
from wardstream.scoring.limits import DEFAULTS, Limits, LimitsFile, for_everybody


def limits_from(path: Path | None) -> Limits:
    """The limits the file gives, or the defaults without one; `CannotRun` says what is wrong with the file.

    TOML (`[simple.heart_rate_bpm]`, `low = 55`) or, by its name, JSON.
    """
    if path is None:
        return DEFAULTS
    decode = msgspec.json.decode if path.suffix == ".json" else msgspec.toml.decode
    try:
        return for_everybody(decode(path.read_bytes(), type=LimitsFile))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CannotRun(f"LIMITS_FILE {path} can't be used: {error}") from error
