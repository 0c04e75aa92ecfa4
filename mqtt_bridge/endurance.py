"""Which of a Kafka consumer's complaints to wait out, and which to end on."""

from confluent_kafka import KafkaError, KafkaException

from wardstream.runtime.logs import logger

_HOPELESS = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
}


def endure(error: KafkaError) -> None:
    """Logs what will pass (no coordinator yet, a broker away); raises what won't (forbidden, deleted, fatal)."""
    if error.fatal() or error.code() in _HOPELESS:
        raise KafkaException(error)
    logger().warning("kafka_complains", code=error.name())
