"""Everything before the first message: Kafka's topics, whose device is whose, and the loop of the chosen source."""

from mqtt_bridge import bridge, kafka_source
from mqtt_bridge.carrier import Carrier
from mqtt_bridge.devices_topic import DevicesTopic
from mqtt_bridge.publisher import to_kafka
from mqtt_bridge.registry import Registry
from mqtt_bridge.settings import BridgeSettings
from wardstream.contracts.topics import BRIDGE_SLOTS, DEVICE_RAW, DEVICES, READINGS, REJECTED
from wardstream.runtime import kafka
from wardstream.runtime.health import Health
from wardstream.runtime.logs import logger
from wardstream.runtime.shutdown import Shutdown

_NEEDED = {
    "mqtt": (READINGS, REJECTED, DEVICES, BRIDGE_SLOTS),
    "kafka": (READINGS, REJECTED, DEVICES, DEVICE_RAW),
}
_LOOPS = {"mqtt": bridge.carry, "kafka": kafka_source.carry}


def run(settings: BridgeSettings, asked: Shutdown, health: Health) -> None:
    """Carries messages until asked to leave. `CannotRun` if Kafka doesn't answer or lacks a topic."""
    kafka.require_topics(settings, {topic.name: topic.partitions for topic in _NEEDED[settings.source]})
    registry = Registry()
    rows = DevicesTopic(settings, registry)
    carrier = Carrier(registry.devices, to_kafka(settings))
    health.not_ready("the registry of devices")

    def keep_waiting() -> bool:
        health.beat()
        return not asked.requested

    if rows.load(keep_waiting):
        logger().info("registry_loaded", devices=len(registry.devices))
        _LOOPS[settings.source](settings, carrier, rows, asked, health)
    rows.close()
