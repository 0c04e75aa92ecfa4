"""What the devices' ledger claims, against Kafka and the lake; anomalies and alarms against a pure recomputation."""

from collections import Counter
from typing import NamedTuple

from tests.flow.kill import oracle
from wardstream.contracts import wire
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.reading import Reading
from wardstream.contracts.topics import ALARMS, ANOMALIES, READINGS
from wardstream.report import kafka, lake, stores
from wardstream.report.figures import Claim
from wardstream.report.settings import ReportSettings
from wardstream.runtime import aws

# What the clock raises, and says again, is no matter of the readings alone.
_OF_READINGS = ("clinical", "personal")


class Verdict(NamedTuple):
    """Counts of ids. `readings`: said and judged. `lost`: promised and not in the lake (garbage: in the refused)."""

    readings: int
    lost: int
    duplicated: int
    wrong: int

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled or wrong."""
        return self.lost == self.duplicated == self.wrong == 0


def judge(settings: ReportSettings, claims: dict[str, Claim], prefix: str, *, broker_forgot: bool) -> Verdict:
    """Of the people whose ids begin with `prefix`. Where the MQTT broker was killed, its own acknowledgement promises
    nothing: then only those of the acker count, and elsewhere the broker's do too.
    """
    carried = kafka.survey(settings)
    kept = lake.rows_per_reading(settings)
    said = _readings(settings, prefix)
    theirs = {each.reading_id for each in said}
    promised = {
        id_: claim
        for id_, claim in claims.items()
        if claim.carried or (claim.acknowledged and not broker_forgot)
    }
    lost = [id_ for id_, claim in promised.items() if id_ not in (kept if claim.valid else carried.rejected)]
    # What Kafka has of these people is in the lake, promised or not.
    lost += [id_ for id_ in theirs if id_ not in kept]
    doubled = sum(kept[id_] - 1 for id_ in theirs if kept[id_])
    return Verdict(len(promised), len(set(lost)), doubled, _wrong(settings, said, prefix))


def _readings(settings: ReportSettings, prefix: str) -> list[Reading]:
    """As they lie in Kafka: in order within each partition, so for each person."""
    found = []
    for record in kafka._records(settings, READINGS):
        if (record.key() or b"").startswith(prefix.encode()):
            try:
                found.append(wire.reading(record.value() or b""))
            except Malformed:
                continue
    return found


def _wrong(settings: ReportSettings, said: list[Reading], prefix: str) -> int:
    """Anomalies, and alarms raised by readings, that are missing, too many, or there twice; alarms that aren't in DynamoDB."""
    wanted = oracle.recomputed(said)
    anomalies = Counter(
        anomaly.anomaly_id
        for anomaly in (wire.anomaly(record.value() or b"") for record in kafka._records(settings, ANOMALIES))
        if anomaly.user_id.startswith(prefix)
    )
    steps = Counter(
        (alarm.alarm_id, alarm.revision)
        for alarm in (wire.alarm(record.value() or b"") for record in kafka._records(settings, ALARMS))
        if alarm.user_id.startswith(prefix) and alarm.kind in _OF_READINGS
    )
    raised, wanted_raised = {id_ for id_, _ in steps}, {id_ for id_, _ in wanted.alarms}
    differing = (anomalies - wanted.anomalies).total() + (wanted.anomalies - anomalies).total()
    unkept = raised - stores.alarm_ids(aws.dynamodb(settings))
    return differing + len(raised ^ wanted_raised) + len(unkept) + sum(count - 1 for count in steps.values())
