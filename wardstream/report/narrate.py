"""The report in words that a nurse and an engineer both understand. Pure."""

from collections.abc import Iterator, Sequence

from wardstream.report.figures import Figures, Raised

_ALARMS_TOLD = 5


def narrate(figures: Figures, people: int, raised: Sequence[Raised]) -> str:
    """A few paragraphs: what happened, what was found, whether the promise held."""
    return "\n".join(_lines(figures, people, raised)) + "\n"


def _lines(figures: Figures, people: int, raised: Sequence[Raised]) -> Iterator[str]:
    yield f"{_many(people, 'person was', 'people were')} watched for {figures.seconds:,.0f} seconds."
    yield (
        f"Their devices published {figures.published:,} messages; {figures.acknowledged:,} were acknowledged by the MQTT broker, {figures.app_acknowledged:,} by the acker (devices that number their messages), "
        f"{figures.in_kafka:,} are in Kafka, {figures.scored:,} were scored."
    )
    yield (
        f"{figures.rejected:,} made no sense (garbage, impossible values, wrong identity) and were set aside with the reason; "
        f"the other {figures.parquet_rows:,} are in the lake."
    )
    yield (
        f"{_many(figures.anomalies, 'value lay', 'values lay')} outside the simple limits: kept, and nobody was called for them."
    )
    yield (
        f"{_many(figures.alarms_raised, 'alarm was', 'alarms were')} raised, {figures.alarms_cleared:,} cleared by themselves; "
        f"{figures.alarm_rows:,} are in the alarm table."
    )
    yield from _told(raised)
    if figures.reading_to_alarm_ms.p99 is not None:
        yield (
            f"From a device's publish to the alarm: half within {figures.reading_to_alarm_ms.p50:,.0f} ms, "
            f"99 % within {figures.reading_to_alarm_ms.p99:,.0f} ms."
        )
    yield _verdict(figures)


def _told(raised: Sequence[Raised]) -> Iterator[str]:
    for alarm in raised[:_ALARMS_TOLD]:
        yield f"  {alarm.user_id}, {alarm.priority} priority: {alarm.sentence}"
    if len(raised) > _ALARMS_TOLD:
        yield f"  ... and {len(raised) - _ALARMS_TOLD:,} more."


def _many(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _verdict(figures: Figures) -> str:
    if figures.holds:
        return "Nothing was lost and nothing was counted twice."
    return (
        f"THE PROMISE DID NOT HOLD: {figures.lost:,} lost, {figures.duplicates:,} doubled, "
        f"{figures.published - figures.rejected - figures.parquet_rows:,} not in the lake, "
        f"{figures.alarms_raised - figures.alarm_rows:,} alarms not in the table."
    )
