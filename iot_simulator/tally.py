"""What a run has done so far, and how it is said in one line."""

from dataclasses import dataclass

import msgspec

# Below this a run is called on schedule: rounds take hundredths of a second, and a busy machine may skip some.
_ON_SCHEDULE_S = 1.0


@dataclass
class Tally:
    """Counts of messages since the start. `published` are handed to MQTT, again where no answer came (`resent`); `refused`
    found the outbox full; `carried` have their application acknowledgement.
    """

    published: int = 0
    acknowledged: int = 0
    refused: int = 0
    carried: int = 0
    resent: int = 0
    worst_behind_s: float = 0.0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The fleet at one instant."""

    devices: int
    connections: int
    connected: int
    queued: int
    behind_s: float
    broker: str


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The whole run, as `--summary FILE` writes it (JSON). `seconds` and the rate are of the time spent speaking."""

    devices: int
    connections: int
    seconds: float
    published: int
    acknowledged: int
    unacknowledged: int
    queued: int
    refused: int
    carried: int
    owed: int
    resent: int
    rate_per_s: float
    worst_behind_s: float
    resident_mib: float


def progress(now: Standing, before: tuple[int, int], tally: Tally, elapsed_s: float) -> str:
    """The line that shows how it goes. `before` are (published, acknowledged) `elapsed_s` ago."""
    parts = [
        f"devices {now.devices:,}",
        f"connections {now.connected:,}/{now.connections:,}",
        f"{(tally.published - before[0]) / elapsed_s:,.0f}/s",
        f"acknowledged {tally.acknowledged:,} ({(tally.acknowledged - before[1]) / elapsed_s:,.0f}/s)",
        f"queued {now.queued:,}",
    ]
    if tally.refused:
        parts.append(f"refused {tally.refused:,} (outbox full)")
    if now.behind_s >= _ON_SCHEDULE_S:
        parts.append(f"behind schedule by {now.behind_s:.1f} s")
    if not now.connected:
        parts.append(f"broker not reachable at {now.broker}")
    return " | ".join(parts)


def closing(summary: Summary) -> str:
    """The last words of a run."""
    held = (
        f"on schedule (at worst {summary.worst_behind_s:.2f} s late)"
        if summary.worst_behind_s < _ON_SCHEDULE_S
        else f"behind schedule by {summary.worst_behind_s:.1f} s at worst: this machine or the broker can't keep up"
    )
    carried = (
        f"application-acknowledged {summary.carried:,}, still owed {summary.owed:,}, sent again {summary.resent:,}; "
        if summary.carried or summary.owed
        else ""
    )
    return (
        f"published {summary.published:,} in {summary.seconds:.1f} s ({summary.rate_per_s:,.0f}/s), "
        f"acknowledged {summary.acknowledged:,}, unacknowledged {summary.unacknowledged:,}, "
        f"still queued {summary.queued:,}, refused {summary.refused:,}; {carried}"
        f"{summary.resident_mib:,.0f} MiB; {held}"
    )
