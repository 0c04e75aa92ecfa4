"""The report's figures, computed from sets of ids found at both ends. Pure."""

from collections import Counter
from collections.abc import Iterable

import msgspec


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledgers say of one id: a reading's `reading_id`, or the SHA-256 of a message that must be refused."""

    sent_at_us: int
    acknowledged: bool
    valid: bool
    carried: bool = False


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """What Kafka holds. `readings` counts records per reading_id; times are Kafka's record timestamps, microseconds."""

    readings: Counter[str]
    scored: set[str]
    rejected: set[str]
    anomalies: set[str]
    raised: dict[str, "Raised"]
    cleared: set[str]


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """The first step of an alarm: the reading that triggered it, when Kafka had it, and what it says."""

    reading_id: str
    recorded_at_us: int
    user_id: str
    kind: str
    priority: str
    sentence: str


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the stores hold: rows per reading_id in the view `iot_data`, and the alarm ids in DynamoDB."""

    lake: Counter[str]
    alarms: set[str]


class Percentiles(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from the device's publish to the record in Kafka; None when there was none."""

    p50: float | None
    p99: float | None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The report. Every count is of distinct ids sent, or alarms raised, before the horizon (two flush intervals ago).

    `lost`: acknowledged to the device and not where it belongs (the lake, or for what must be refused
    `readings.rejected`); `app_lost` of them are those whose device was told that Kafka has them. `duplicates`: rows of `iot_data` beyond the first for an id. `unexpected`: ids in the lake that
    no ledger claims, of devices that the ledgers know nothing of or of readings changed on the way.
    """

    published: int
    acknowledged: int
    app_acknowledged: int
    in_kafka: int
    scored: int
    rejected: int
    anomalies: int
    alarms_raised: int
    alarms_cleared: int
    alarm_rows: int
    parquet_rows: int
    duplicates: int
    lost: int
    app_lost: int
    unexpected: int
    resent: int
    reading_to_alarm_ms: Percentiles
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether the promise held: nothing lost, nothing doubled, everything accounted for."""
        return (
            self.lost == 0
            and self.app_lost == 0
            and self.duplicates == 0
            and self.parquet_rows == self.published - self.rejected
            and self.alarm_rows == self.alarms_raised
        )


def compute(
    claims: dict[str, Claim], carried: Carried, kept: Kept, horizon_us: int, seconds: float
) -> Figures:
    """The figures over all claims sent before `horizon_us`."""
    due = {id_: claim for id_, claim in claims.items() if claim.sent_at_us <= horizon_us}
    in_lake = due.keys() & kept.lake.keys()
    refused = due.keys() & carried.rejected
    raised = {id_ for id_, step in carried.raised.items() if step.recorded_at_us <= horizon_us}
    arrived = {id_ for id_, claim in due.items() if id_ in (kept.lake if claim.valid else carried.rejected)}
    return Figures(
        published=len(due),
        acknowledged=sum(claim.acknowledged for claim in due.values()),
        app_acknowledged=sum(claim.carried for claim in due.values()),
        in_kafka=len(due.keys() & (carried.readings.keys() | carried.rejected)),
        scored=len(due.keys() & carried.scored),
        rejected=len(refused),
        anomalies=len(carried.anomalies),
        alarms_raised=len(raised),
        alarms_cleared=len(carried.cleared & raised),
        alarm_rows=len(kept.alarms & raised),
        parquet_rows=len(in_lake),
        duplicates=sum(kept.lake.values()) - len(kept.lake),
        lost=sum(claim.acknowledged for id_, claim in due.items() if id_ not in arrived),
        app_lost=sum(claim.carried for id_, claim in due.items() if id_ not in arrived),
        unexpected=len(kept.lake.keys() - claims.keys()),
        resent=sum(carried.readings.values()) - len(carried.readings),
        reading_to_alarm_ms=_percentiles(_delays_ms(claims, carried.raised.values())),
        seconds=round(seconds, 1),
    )


# The kinds of alarms that a reading raises by what it says of the person.
_ABOUT_VALUES = ("clinical", "personal")


def _delays_ms(claims: dict[str, Claim], raised: Iterable[Raised]) -> list[float]:
    return sorted(
        (step.recorded_at_us - claims[step.reading_id].sent_at_us) / 1000
        for step in raised
        # Others wait on purpose, for minutes.
        if step.reading_id in claims and step.kind in _ABOUT_VALUES
    )


def _percentiles(ordered: list[float]) -> Percentiles:
    if not ordered:
        return Percentiles(p50=None, p99=None)
    return Percentiles(p50=_at(ordered, 0.50), p99=_at(ordered, 0.99))


def _at(ordered: list[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed (nearest rank)."""
    rank = max(0, -(-len(ordered) * int(share * 100) // 100) - 1)
    return round(ordered[rank], 1)
