"""How far each device's clock leads the bridge's, slowly learned: a wrong clock shows in every explanation made of its readings."""

from wardstream.contracts.reading import Reading
from wardstream.scoring.state import PatientState

# An eighth of the way at each block: an outbox emptied late passes, a clock set wrong stays.
_SHARE = 8
# Of one person; more devices than this are a fault of the registry, and only the first are known.
_MOST_DEVICES = 4
# Networks take seconds; only what is beyond a minute is the clock's.
_TELLS_FROM_MS = 60_000


def heard(state: PatientState, reading: Reading) -> None:
    """Takes the lead of one reading into what is known of its device."""
    lead_ms = (reading.measured_at_us - reading.received_at_us) // 1000
    known = state.skews.get(reading.device_id)
    if known is not None:
        state.skews[reading.device_id] = known + (lead_ms - known) // _SHARE
    elif len(state.skews) < _MOST_DEVICES:
        state.skews[reading.device_id] = lead_ms


def clock_lead_s(state: PatientState, device_id: str) -> float:
    """By how many seconds the device's clock leads (lags: negative), as far as it matters; else 0."""
    lead_ms = state.skews.get(device_id, 0)
    return lead_ms / 1000.0 if abs(lead_ms) >= _TELLS_FROM_MS else 0.0
