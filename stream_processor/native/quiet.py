"""The quiet path in C as a function, told the scorer's types and numbers; None where it isn't compiled."""

from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from stream_processor.native.built import MODULE, path
from stream_processor.quietly import Quietly
from wardstream.contracts.vitals import ACCEPTED, VITALS
from wardstream.scoring.artefact import PLAUSIBLE
from wardstream.scoring.baseline import (
    ENOUGH_READINGS,
    LEARNS_AT_MOST_SPREADS,
    LEAST_SPREAD,
    MEMORY_US,
    SPEAKS_FOR_US,
    Baseline,
)
from wardstream.scoring.block import Block
from wardstream.scoring.context import is_at_rest
from wardstream.scoring.effort import level
from wardstream.scoring.equipment import BATTERY_LOW_PCT, STALE_US
from wardstream.scoring.habit import BLOCK_US, MINUTE_US
from wardstream.scoring.limits import Limits
from wardstream.scoring.order import Newest
from wardstream.scoring.personal import AT_REST_ONLY
from wardstream.scoring.quiet import NEAR
from wardstream.scoring.scorer import COUNTED_EVERY
from wardstream.scoring.seen import KEPT, MARK, NEWEST_KEPT
from wardstream.scoring.state import PatientState, VitalState


def quietly() -> Quietly | None:
    """The compiled function; None where the source as it is now isn't compiled for this Python."""
    compiled = path()
    if not compiled.is_file():
        return None
    loader = ExtensionFileLoader(MODULE, str(compiled))
    spec = spec_from_file_location(MODULE, compiled, loader=loader)
    if spec is None:
        return None
    module: Any = module_from_spec(spec)
    loader.exec_module(module)
    module.prepare(_rules())
    run: Quietly = module.run
    return run


def _rules() -> dict[str, object]:
    types = (PatientState, VitalState, Baseline, Block, Newest, Limits)
    return {each.__name__: each for each in types} | {
        "vitals": tuple(
            (
                vital,
                # What decoding refuses must not be taken either.
                max(PLAUSIBLE[vital][0], ACCEPTED[vital].low),
                min(PLAUSIBLE[vital][1], ACCEPTED[vital].high),
                NEAR[vital],
                LEAST_SPREAD[vital],
                vital in AT_REST_ONLY,
                vital == "heart_rate_bpm",
            )
            for vital in VITALS
        ),
        "is_at_rest": is_at_rest,
        "level": level,
        "minute_us": MINUTE_US,
        "block_us": BLOCK_US,
        "stale_us": STALE_US,
        "memory_us": MEMORY_US,
        "speaks_for_us": SPEAKS_FOR_US,
        "enough_readings": ENOUGH_READINGS,
        "every": COUNTED_EVERY,
        "mark": MARK,
        "newest_kept": NEWEST_KEPT,
        "kept": KEPT,
        "battery_low_pct": BATTERY_LOW_PCT,
        "at_most_spreads": LEARNS_AT_MOST_SPREADS,
    }
