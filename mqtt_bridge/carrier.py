"""What both sources share: an outcome on its way to Kafka, and the account of what was refused."""

from collections.abc import Mapping

from mqtt_bridge.pending import Delivery
from mqtt_bridge.publisher import Publisher
from mqtt_bridge.refusals import Refusals
from wardstream.contracts.device import Device
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected
from wardstream.contracts.topics import REJECTED
from wardstream.runtime import metrics
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.logs import logger

_TELL_S = 1.0


class Carrier:
    """Takes outcomes for the publisher and counts the refused. `devices` is the live registry."""

    def __init__(self, devices: Mapping[str, Device], publisher: Publisher) -> None:
        self.devices = devices
        self.publisher = publisher
        self._refusals = Refusals()
        self._told_s = 0.0

    def carry(self, outcome: Reading | Rejected, delivery: Delivery) -> None:
        """Hands the outcome to Kafka; `delivery.confirmed` turns true in a later poll of the publisher."""
        if isinstance(outcome, Rejected):
            self._refusals.refused(outcome.reason, outcome.device_id)
        else:
            self._refusals.accepted()
        self.publisher.publish(outcome, delivery)

    def tell(self, now_s: float) -> None:
        """Gauges, and at most once a second what was refused. `CannotRun` if that is nearly everything."""
        metrics.BRIDGE_IN_FLIGHT.set(self.publisher.in_flight)
        metrics.BRIDGE_IN_FLIGHT_BYTES.set(self.publisher.in_flight_bytes)
        if now_s < self._told_s + _TELL_S:
            return
        self._told_s = now_s
        for reason, count in self._refusals.tell().items():
            metrics.BRIDGE_REJECTED.labels(reason).inc(count)
            logger().warning("rejected", reason=reason, count=count)
        if (verdict := self._refusals.verdict) is not None:
            raise CannotRun(f"{verdict}: they wait in {REJECTED.name}; check what the devices send")


def count(settled: list[Delivery], now_s: float) -> None:
    """Counts deliveries that Kafka has and the source was told of, in order. `now_s` is monotonic."""
    if settled:
        metrics.BRIDGE_CARRIED.inc(len(settled))
        # One of each batch, the longest under way: observing every message would cost as much as parsing it.
        metrics.BRIDGE_DELIVERY_S.observe(now_s - settled[0].arrived_s)
