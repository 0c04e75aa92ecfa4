"""What the processor did, counted once it is durable."""

from collections.abc import Iterable

from wardstream.contracts.alarm import Alarm
from wardstream.contracts.anomaly import Anomaly
from wardstream.contracts.rejected import Rejected
from wardstream.runtime.metrics import PROCESSOR_ALARMS, PROCESSOR_ANOMALIES, PROCESSOR_MALFORMED


def count(outputs: Iterable[Anomaly | Alarm | Rejected]) -> None:
    """Adds outputs that Kafka has to the metrics."""
    for output in outputs:
        if isinstance(output, Anomaly):
            PROCESSOR_ANOMALIES.labels(output.rule).inc()
        elif isinstance(output, Alarm):
            PROCESSOR_ALARMS.labels(output.kind, output.priority, output.state).inc()
        else:
            PROCESSOR_MALFORMED.labels(output.reason).inc()
