"""What Kafka's compacted topics hold of one person: devices, and the model in use."""

from wardstream.contracts import wire
from wardstream.contracts.device import Device
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.partitions import partition_of
from wardstream.contracts.topics import DEVICES, USER_MODELS
from wardstream.contracts.user_model import UserModel
from wardstream.repartition.reading import reader
from wardstream.runtime import kafka
from wardstream.runtime.kafka import KafkaSettings, partitions_of

_NO_GROUP = "wardstream.person"


def devices_of(settings: KafkaSettings, user_id: str) -> list[Device]:
    """The devices registered for this person, in order of their ids."""
    kafka.require_topics(settings, {DEVICES.name: None})
    with reader(settings, _NO_GROUP) as source:
        rows = [
            row
            for partition in range(partitions_of(source.client, DEVICES.name))
            for row in source.newest(DEVICES.name, partition).values()
        ]
    found = [device for device in map(_device, rows) if device is not None and device.user_id == user_id]
    return sorted(found, key=lambda device: device.device_id)


def model_of(settings: KafkaSettings, user_id: str) -> UserModel | None:
    """The newest model published for this person."""
    kafka.require_topics(settings, {USER_MODELS.name: None})
    with reader(settings, _NO_GROUP) as source:
        partition = partition_of(user_id.encode(), partitions_of(source.client, USER_MODELS.name))
        row = source.newest(USER_MODELS.name, partition).get(user_id.encode())
    return wire.user_model(row) if row else None


def _device(row: bytes) -> Device | None:
    try:
        return wire.device(row)
    except Malformed:
        # Nobody can be meant by a row that nobody can read; the bridge passes it over as well.
        return None
