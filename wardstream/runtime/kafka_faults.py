"""What Kafka's errors mean for a consumer."""

from enum import Enum, auto

from confluent_kafka import KafkaError, KafkaException

from wardstream.runtime.failure import CannotRun


class Fate(Enum):
    """What to do about an error that isn't ours to crash on."""

    REPEAT = auto()  # Kafka is busy or away: the same again later
    MOVED_ON = (
        auto()
    )  # the group has gone on without us: the partitions' new owners redo what isn't committed


# The underscored names are librdkafka's public ones for its own errors.
_REPEAT = {
    KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
    KafkaError._RESOLVE,  # noqa: SLF001
    KafkaError._TIMED_OUT,  # noqa: SLF001
    KafkaError._TRANSPORT,  # noqa: SLF001
    KafkaError._WAIT_COORD,  # noqa: SLF001
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NETWORK_EXCEPTION,
    KafkaError.NOT_COORDINATOR,
    KafkaError.REQUEST_TIMED_OUT,
}
_MOVED_ON = {
    KafkaError._ASSIGNMENT_LOST,  # noqa: SLF001
    KafkaError._MAX_POLL_EXCEEDED,  # noqa: SLF001
    KafkaError.ILLEGAL_GENERATION,
    KafkaError.REBALANCE_IN_PROGRESS,
    KafkaError.UNKNOWN_MEMBER_ID,
}
_REFUSED = {KafkaError.GROUP_AUTHORIZATION_FAILED, KafkaError.TOPIC_AUTHORIZATION_FAILED}


def fate(error: KafkaError) -> Fate:
    """What to do; `CannotRun` where an operator must act, `KafkaException` for what nobody foresaw."""
    if error.code() in _REPEAT:
        return Fate.REPEAT
    if error.code() in _MOVED_ON:
        return Fate.MOVED_ON
    if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
        raise CannotRun("Kafka has lost a topic we read: create it with `wardstream provision`")
    if error.code() in _REFUSED:
        raise CannotRun(f"Kafka refuses us ({error.name()}): check the rights of KAFKA_USERNAME")
    raise KafkaException(error)
