"""Kafka clients as every service here uses them: idempotent and acks=all, one partitioner, nothing committed by itself."""

from collections.abc import Collection, Mapping
from typing import Any, Literal

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicCollection, Uuid
from confluent_kafka.admin import AdminClient
from pydantic import Field, SecretStr, model_validator

from wardstream.runtime.failure import CannotRun
from wardstream.runtime.logs import logger
from wardstream.runtime.settings import ServiceSettings

# Java's default partitioner; librdkafka's own default (CRC32) would send a key elsewhere than Faust and Java do.
_PARTITIONER = "murmur2_random"
_REFUSED = {
    KafkaError._AUTHENTICATION,  # noqa: SLF001 -- librdkafka's public name for it in Python
    KafkaError.SASL_AUTHENTICATION_FAILED,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
}


class KafkaSettings(ServiceSettings):
    """How to reach Kafka or MSK."""

    kafka_bootstrap: str = Field(min_length=3, description="brokers as host:port[,host:port]")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how to speak to the brokers"
    )
    kafka_sasl_mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN", "AWS_MSK_IAM"] = Field(
        "SCRAM-SHA-512",
        description="AWS_MSK_IAM: no user and password, but AWS credentials by boto3's usual chain",
    )
    kafka_aws_region: str | None = Field(None, description="the brokers' region, for AWS_MSK_IAM")
    kafka_username: str | None = Field(None, description="SASL user")
    kafka_password: SecretStr | None = Field(None, description="SASL password")
    kafka_ca_file: str | None = Field(None, description="CA certificate of the brokers, PEM")

    @property
    def signs_with_aws(self) -> bool:
        """Whether MSK lets us in by our AWS role."""
        return self.kafka_security_protocol.startswith("SASL") and self.kafka_sasl_mechanism == "AWS_MSK_IAM"

    @model_validator(mode="after")
    def _sasl_needs_somebody(self) -> "KafkaSettings":
        if self.signs_with_aws:
            if not self.kafka_aws_region:
                raise ValueError("KAFKA_SASL_MECHANISM=AWS_MSK_IAM needs KAFKA_AWS_REGION")
        elif self.kafka_security_protocol.startswith("SASL") and not (
            self.kafka_username and self.kafka_password
        ):
            raise ValueError("KAFKA_SECURITY_PROTOCOL with SASL needs KAFKA_USERNAME and KAFKA_PASSWORD")
        return self


def client_config(settings: KafkaSettings) -> dict[str, Any]:
    """What librdkafka needs for reaching and trusting the brokers."""
    config: dict[str, Any] = {
        "bootstrap.servers": settings.kafka_bootstrap,
        "security.protocol": settings.kafka_security_protocol,
        # The client logs to stderr in its own form otherwise; errors reach us through error_cb and exceptions.
        "log_level": 3,
        "error_cb": _log_error,
    }
    if settings.kafka_ca_file:
        config["ssl.ca.location"] = settings.kafka_ca_file
    if settings.signs_with_aws:
        config["sasl.mechanism"] = "OAUTHBEARER"
        config["oauth_cb"] = lambda _config: _signed(settings)
    elif settings.kafka_username and settings.kafka_password:
        config["sasl.mechanism"] = settings.kafka_sasl_mechanism
        config["sasl.username"] = settings.kafka_username
        config["sasl.password"] = settings.kafka_password.get_secret_value()
    return config


def _signed(settings: KafkaSettings) -> tuple[str, float]:
    # boto3 is large, and only those on MSK have a use for it here.
    from wardstream.runtime.msk_iam import signed  # noqa: PLC0415

    return signed(settings.kafka_aws_region or "")


def _log_error(error: KafkaError) -> None:
    logger().warning("kafka_client_error", code=error.name(), fatal=error.fatal())


def producer(settings: KafkaSettings, **more: Any) -> Producer:
    """A producer that neither loses nor reorders: acks=all, idempotent, retrying for ever; lz4; murmur2.

    `more` adds or replaces librdkafka settings, with `_` for `.`.
    """
    config = client_config(settings) | {
        "acks": "all",
        "enable.idempotence": True,
        # For ever: a message is confirmed or the process ends; giving up in between would lose or reorder.
        "message.timeout.ms": 0,
        "compression.type": "lz4",
        "linger.ms": 5,
        "partitioner": _PARTITIONER,
    }
    return Producer(config | _dotted(more))


def consumer(settings: KafkaSettings, group: str, **more: Any) -> Consumer:
    """A consumer that commits only what it is told to, reads only what is committed, and starts at the oldest record."""
    config = client_config(settings) | {
        "group.id": group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",
        "partition.assignment.strategy": "range",
        # A killed replica's partitions move within ten seconds.
        "session.timeout.ms": 8000,
        "heartbeat.interval.ms": 2000,
    }
    return Consumer(config | _dotted(more))


def _dotted(more: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "."): value for name, value in more.items()}


def require_topics(
    settings: KafkaSettings, topics: Mapping[str, int | None], timeout_s: float = 20.0
) -> None:
    """Makes sure Kafka answers, lets us in and has `topics` (name: the fewest partitions, None: any); else `CannotRun` says the fault."""
    # Our one sentence says it; the client would add a line for every attempt.
    met: list[KafkaError] = []
    quiet = {"log_level": 0, "error_cb": met.append}
    admin = AdminClient(client_config(settings) | quiet)
    try:
        known = admin.list_topics(timeout=timeout_s).topics
    except KafkaException as error:
        # That SCRAM was refused is told to the callback only; what is raised says that no broker answered.
        admin.poll(0)
        raise CannotRun(_unreachable(settings, _telling(met, error.args[0]))) from error
    for name, partitions in topics.items():
        found = known.get(name)
        if found is None or found.error is not None:
            raise CannotRun(f"Kafka has no topic {name}: create it with `wardstream provision`")
        if partitions is not None and len(found.partitions) < partitions:
            raise CannotRun(
                f"topic {name} has {len(found.partitions)} partitions; it needs {partitions} or more"
            )


def partitions_of(client: AdminClient | Consumer | Producer, topic: str, timeout_s: float = 20.0) -> int:
    """How many partitions an existing topic has; `CannotRun` if it can't be told."""
    try:
        found = client.list_topics(topic, timeout=timeout_s).topics[topic]
    except KafkaException as error:
        raise CannotRun(f"Kafka does not tell about topic {topic}: {error.args[0].str()}") from error
    if found.error is not None:
        raise CannotRun(f"Kafka does not tell about topic {topic}: {found.error.str()}")
    return len(found.partitions)


def topic_ids(settings: KafkaSettings, names: Collection[str], timeout_s: float = 20.0) -> dict[str, str]:
    """What tells a topic from one of the same name that was deleted before: 16 hexadecimal digits. `CannotRun` if it can't be told."""
    admin = AdminClient(client_config(settings))
    asked = admin.describe_topics(TopicCollection(list(names)), request_timeout=timeout_s)
    try:
        return {name: _hexadecimal(told.result().topic_id) for name, told in asked.items()}
    except KafkaException as error:
        raise CannotRun(f"Kafka does not tell about a topic we read: {error.args[0].str()}") from error


def _hexadecimal(topic_id: Uuid) -> str:
    # Half of the 128 random bits is enough to tell a few topics apart.
    bits: int = topic_id.get_most_significant_bits()  # type: ignore[attr-defined]  # it has; its stubs have not
    return f"{bits & 0xFFFF_FFFF_FFFF_FFFF:016x}"


def _telling(met: list[KafkaError], raised: KafkaError) -> KafkaError:
    return next((each for each in met if each.code() in _REFUSED), raised)


def _unreachable(settings: KafkaSettings, error: KafkaError) -> str:
    if error.code() in _REFUSED:
        check = (
            "the role's kafka-cluster permissions"
            if settings.signs_with_aws
            else "KAFKA_USERNAME and KAFKA_PASSWORD"
        )
        return f"Kafka at {settings.kafka_bootstrap} refuses our credentials: check {check}"
    return f"Kafka at {settings.kafka_bootstrap} does not answer ({error.name()}): check KAFKA_BOOTSTRAP and the network"
