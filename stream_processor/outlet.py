"""Where the processor speaks: `anomalies`, `alarms` and `readings.rejected`."""

from typing import Any

from stream_processor.desk import Output
from stream_processor.posting import Letter, post
from wardstream.contracts import topics, wire
from wardstream.contracts.alarm import Alarm
from wardstream.contracts.anomaly import Anomaly


class Outlet:
    """Publishes through Faust's own producer, partitioned by murmur2 of the key as everywhere here."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def say(self, outputs: list[Output]) -> None:
        """Publishes in order; returns once all in-sync replicas have everything, or raises."""
        await post(self._app, [letter(output) for output in outputs])


def letter(output: Output) -> Letter:
    """An output as it goes to its topic; the producer finds the partition."""
    if isinstance(output, Anomaly):
        return Letter(topics.ANOMALIES.name, output.user_id.encode(), wire.encode(output))
    if isinstance(output, Alarm):
        return Letter(topics.ALARMS.name, output.user_id.encode(), wire.encode(output))
    return Letter(topics.REJECTED.name, output.device_id.encode(), wire.encode(output))
