"""Every Kafka topic: name, key, partitions, retention. And the MQTT topics devices and services speak on."""

from typing import NamedTuple

_DAY_MS = 24 * 60 * 60 * 1000
# Equal for all that are keyed by user, so that a person's readings, model and actions meet in one worker. The count to
# begin with: `wardstream repartition` grows it, so those who read ask Kafka how many there are.
PARTITIONS = 8
# murmur2 as Java's default: librdkafka's own default is CRC32, which agrees with it for one key in nine.
PARTITIONER = "murmur2_random"

# A compacted topic has dropped older values of a key, and keys with a tombstone, after so long at the latest.
COMPACTED_WITHIN_MS = 7 * _DAY_MS


class Topic(NamedTuple):
    """A topic as it is made. `retention_ms` None: compacted, kept for ever. `partitions`: at least so many."""

    name: str
    key: str
    retention_ms: int | None
    partitions: int = PARTITIONS

    @property
    def compacted(self) -> bool:
        """Whether only the newest value of a key is kept."""
        return self.retention_ms is None


DEVICE_RAW = Topic("device-raw", "device_id", 7 * _DAY_MS)
READINGS = Topic("readings", "user_id", 7 * _DAY_MS)
REJECTED = Topic("readings.rejected", "device_id", 30 * _DAY_MS)
DEVICES = Topic("devices", "device_id", None)
USER_MODELS = Topic("user-models", "user_id", None)
ANOMALIES = Topic("anomalies", "user_id", 30 * _DAY_MS)
ALARMS = Topic("alarms", "user_id", 30 * _DAY_MS)
ALARM_ACTIONS = Topic("alarm-actions", "user_id", 30 * _DAY_MS)
# Holds no record: its partitions are the bridge's MQTT sessions, leased by Kafka's own group protocol.
BRIDGE_SLOTS = Topic("bridge-slots", "none", _DAY_MS, partitions=4)
# How far each device's numbers have come without a gap: the acker's memory, which no other service reads.
DEVICE_ACKS = Topic("device-acks", "device_id", None)

TOPICS = (
    DEVICE_RAW,
    READINGS,
    REJECTED,
    DEVICES,
    USER_MODELS,
    ANOMALIES,
    ALARMS,
    ALARM_ACTIONS,
    BRIDGE_SLOTS,
    DEVICE_ACKS,
)

# Grown together.
KEYED_BY_USER = tuple(topic for topic in TOPICS if topic.key == "user_id")

# Names that the groups are known by, here because the report and the lag alarms look them up.
PROCESSOR_GROUP = "stream_processor"
SINK_GROUP = "parquet_sink"
STORE_GROUP = "alarm_store"
BRIDGE_GROUP = "mqtt_bridge.slots"
RAW_GROUP = "mqtt_bridge.raw"
# Its offsets; and the group whose one holder of slot 0 may acknowledge.
ACKER_GROUP = "mqtt_bridge.acker"
ACKER_LEASE_GROUP = "mqtt_bridge.acker.lease"

MQTT_READINGS = "iot/device"
MQTT_STATUS = "iot/status"
# On `iot/gateway/<gateway>/<gateway>:<device>`: a gateway speaks for devices that carry its name and no others.
MQTT_GATEWAY = "iot/gateway"
# The application acknowledgement of a device is said on `cmd/device/<device>/ack`, of a gateway's on
# `cmd/gateway/<gateway>/<gateway>:<device>/ack`: MQTT's filters can't ask for a part of a level.
MQTT_COMMANDS = "cmd/device"
MQTT_GATEWAY_COMMANDS = "cmd/gateway"


def ack_topic(device_id: str) -> str:
    """Where a device, or the gateway that speaks for it, hears what needn't be kept any longer."""
    gateway, colon, _ = device_id.partition(":")
    return (
        f"{MQTT_GATEWAY_COMMANDS}/{gateway}/{device_id}/ack" if colon else f"{MQTT_COMMANDS}/{device_id}/ack"
    )
