"""What each service may do in Kafka, and no more: the users and rules of a secured Kafka are made from this."""

from typing import NamedTuple

from wardstream.contracts import topics
from wardstream.contracts.state_topic import state_topic

_STATE = state_topic(topics.PROCESSOR_GROUP)


class Access(NamedTuple):
    """Topics by name; groups it joins or looks up; transactional ids by their beginning; topics it makes for itself."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    transactions: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()


# By Kafka user, which is the service's name.
SERVICES: dict[str, Access] = {
    "mqtt_bridge": Access(
        reads=(topics.DEVICE_RAW.name, topics.DEVICES.name, topics.BRIDGE_SLOTS.name),
        writes=(topics.READINGS.name, topics.REJECTED.name),
        groups=(topics.BRIDGE_GROUP, topics.RAW_GROUP, "mqtt_bridge.registry"),
    ),
    "acker": Access(
        reads=(
            topics.READINGS.name,
            topics.REJECTED.name,
            topics.DEVICE_ACKS.name,
            topics.BRIDGE_SLOTS.name,
        ),
        writes=(topics.DEVICE_ACKS.name,),
        groups=(topics.ACKER_GROUP, topics.ACKER_LEASE_GROUP, "mqtt_bridge.acker.rows"),
        transactions=(topics.ACKER_GROUP,),
    ),
    "stream_processor": Access(
        reads=(topics.READINGS.name, topics.USER_MODELS.name, topics.ALARM_ACTIONS.name, _STATE),
        writes=(topics.ANOMALIES.name, topics.ALARMS.name, topics.REJECTED.name, _STATE),
        groups=(topics.PROCESSOR_GROUP, f"{_STATE}.restore"),
        transactions=(f"{_STATE}-",),
        makes=(_STATE,),
    ),
    "parquet_sink": Access(
        reads=(topics.READINGS.name, topics.ANOMALIES.name, topics.ALARMS.name),
        writes=(topics.REJECTED.name,),
        groups=(topics.SINK_GROUP,),
    ),
    "alarm_store": Access(
        reads=(topics.ANOMALIES.name, topics.ALARMS.name),
        writes=(topics.REJECTED.name,),
        groups=(topics.STORE_GROUP,),
    ),
    "sagemaker_training": Access(
        writes=(topics.USER_MODELS.name,),
        transactions=("wardstream-user-models",),
    ),
    # People at the command line and the report: they see everything, and change what a command changes.
    "operator": Access(
        reads=("*",),
        writes=(topics.USER_MODELS.name, topics.ALARM_ACTIONS.name, topics.DEVICES.name),
        groups=("*",),
        transactions=("wardstream-user-models",),
    ),
}
