"""What the processor did, in numbers."""

from collections import Counter
from collections.abc import Iterable

from stream_processor.partition import Taken
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.rejected import Rejected
from wardstream.runtime.logs import logger
from wardstream.runtime.metrics import (
    PROCESSOR_ACTIONS,
    PROCESSOR_ALARMS,
    PROCESSOR_ANOMALIES,
    PROCESSOR_FORGOTTEN,
    PROCESSOR_LIMITS,
    PROCESSOR_MALFORMED,
    PROCESSOR_MISSING,
    PROCESSOR_MODELS,
    PROCESSOR_REFUSED,
    PROCESSOR_REPEATED,
    PROCESSOR_SCORED,
)


def count(outputs: Iterable[Anomaly | Alarm | Rejected]) -> None:
    """Adds outputs that Kafka has to the metrics."""
    anomalies: Counter[str] = Counter()
    for output in outputs:
        if isinstance(output, Anomaly):
            anomalies[output.rule] += 1
        elif isinstance(output, Alarm):
            PROCESSOR_ALARMS.labels(output.kind, output.priority, output.state).inc()
        else:
            PROCESSOR_MALFORMED.labels(output.reason).inc()
    for rule, said in anomalies.items():
        PROCESSOR_ANOMALIES.labels(rule).inc(said)


def count_taken(topic: str, taken: Taken) -> None:
    """Adds what became of a batch to the metrics; what was passed over is logged, for nothing else tells of it."""
    PROCESSOR_SCORED.inc(taken.scored)
    PROCESSOR_REPEATED.inc(taken.repeated)
    PROCESSOR_MODELS.inc(taken.models)
    PROCESSOR_LIMITS.inc(taken.limits)
    PROCESSOR_FORGOTTEN.inc(taken.forgotten)
    if taken.missing:
        PROCESSOR_MISSING.inc(taken.missing)
        logger().error("records_missing", topic=topic, offsets=taken.missing)
    for action, result in taken.actions:
        PROCESSOR_ACTIONS.labels(action, result).inc()
    for reason in taken.refused:
        PROCESSOR_REFUSED.labels(topic, reason).inc()
        logger().warning("standing_record_refused", reason=reason, topic=topic)
