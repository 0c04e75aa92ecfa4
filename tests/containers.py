"""The four servers as containers: the public images under Testcontainers, on loopback ports of this machine."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

import docker  # type: ignore[import-untyped]  # docker ships no types
import requests
from docker.errors import DockerException, ImageNotFound  # type: ignore[import-untyped]  # as above
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from wardstream.local import dynamodb, kafka, mosquitto, s3
from wardstream.local.addresses import Addresses
from wardstream.local.ports import LOOPBACK, free_ports

KAFKA = "apache/kafka:4.1.0"
MOSQUITTO = "eclipse-mosquitto:2.0"
SEAWEEDFS = "chrislusf/seaweedfs:4.48"
DYNAMODB = "amazon/dynamodb-local:2.5.2"
IMAGES = (KAFKA, MOSQUITTO, SEAWEEDFS, DYNAMODB)

_PULL_BUDGET_S = 120.0
_READY_TIMEOUT_S = 150.0
_POLL_S = 0.1


def why_not() -> str | None:
    """Why containers can't be had here (no Docker, no images and none soon); None when they can."""
    try:
        with closing(docker.from_env(timeout=10)) as client:
            client.ping()
            deadline = time.monotonic() + _PULL_BUDGET_S
            missing = [
                image for image in IMAGES if not (_is_here(client, image) or _pull(client, image, deadline))
            ]
    except (DockerException, requests.RequestException) as error:
        return f"Docker does not answer ({type(error).__name__})"
    return f"no image {', '.join(missing)}" if missing else None


def _is_here(client: docker.DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True


def _pull(client: docker.DockerClient, image: str, deadline: float) -> bool:
    repository, _, tag = image.partition(":")
    try:
        for _progress in client.api.pull(repository, tag=tag, stream=True):
            if time.monotonic() > deadline:
                return False
    except (DockerException, requests.RequestException):
        return False
    return _is_here(client, image)


@contextmanager
def start_containers() -> Iterator[Addresses]:
    """All four, answering; removed with their data when the block ends."""
    _reap_if_possible()
    kafka_port, mqtt_port, s3_port, master_port, dynamodb_port = free_ports(5)
    addresses = Addresses(
        kafka_bootstrap=f"{LOOPBACK}:{kafka_port}",
        mqtt_host=LOOPBACK,
        mqtt_port=mqtt_port,
        s3_endpoint=f"http://{LOOPBACK}:{s3_port}",
        dynamodb_endpoint=f"http://{LOOPBACK}:{dynamodb_port}",
    )
    with ExitStack() as running:
        started = [
            (running.enter_context(_kafka(kafka_port)), lambda: kafka.answers(kafka_port)),
            (running.enter_context(_mosquitto(mqtt_port)), lambda: mosquitto.answers(mqtt_port)),
            (
                running.enter_context(_seaweedfs(s3_port, master_port, addresses)),
                lambda: s3.answers(s3_port, master_port),
            ),
            (running.enter_context(_dynamodb(dynamodb_port)), lambda: dynamodb.answers(dynamodb_port)),
        ]
        for container, answers in started:
            _wait_for(container, answers)
        yield addresses


def _reap_if_possible() -> None:
    # Ryuk removes the containers of a killed test run. Where its image can't be had, a test run must work without.
    with closing(docker.from_env(timeout=10)) as client:
        image = testcontainers_config.ryuk_image
        deadline = time.monotonic() + _PULL_BUDGET_S
        testcontainers_config.ryuk_disabled = not (_is_here(client, image) or _pull(client, image, deadline))


def _on_loopback(image: str, ports: dict[int, int]) -> DockerContainer:
    container = DockerContainer(image)
    container.ports = {
        str(inside): (LOOPBACK, outside)  # type: ignore[misc]  # what docker takes and Testcontainers' type omits
        for inside, outside in ports.items()
    }
    return container


def _kafka(port: int) -> DockerContainer:
    return _on_loopback(KAFKA, {9092: port}).with_envs(
        KAFKA_NODE_ID="1",
        KAFKA_PROCESS_ROLES="broker,controller",
        KAFKA_CONTROLLER_QUORUM_VOTERS="1@localhost:9093",
        KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
        # Transactions make a broker call itself, and the port out here leads nowhere from inside.
        KAFKA_LISTENERS="PLAINTEXT://:9092,CONTROLLER://:9093,INSIDE://:9094",
        KAFKA_ADVERTISED_LISTENERS=f"PLAINTEXT://{LOOPBACK}:{port},INSIDE://localhost:9094",
        KAFKA_INTER_BROKER_LISTENER_NAME="INSIDE",
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,INSIDE:PLAINTEXT",
        KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
        KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS="8",
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR="1",
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR="1",
        KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS="8",
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS="0",
        KAFKA_HEAP_OPTS="-Xmx512m",
    )


def _mosquitto(port: int) -> DockerContainer:
    settings = mosquitto.settings(1883, "/mosquitto/data", bind="0.0.0.0")
    return _on_loopback(MOSQUITTO, {1883: port}).with_copy_into_container(
        settings.encode(), "/mosquitto/config/mosquitto.conf"
    )


def _seaweedfs(port: int, master_port: int, addresses: Addresses) -> DockerContainer:
    options = "-s3 -master.telemetry=false -master.volumeSizeLimitMB=64 -volume.max=1000"
    return (
        _on_loopback(SEAWEEDFS, {8333: port, 9333: master_port})
        .with_command(f"server {options}")
        .with_envs(**s3.environment(addresses.access_key, addresses.secret_key))
    )


def _dynamodb(port: int) -> DockerContainer:
    return _on_loopback(DYNAMODB, {8000: port}).with_command(
        "-Xmx256m -jar DynamoDBLocal.jar -inMemory -sharedDb -disableTelemetry"
    )


def _wait_for(container: DockerContainer, answers: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_TIMEOUT_S
    while not answers():
        if time.monotonic() > deadline:
            said = b"\n".join(container.get_logs())[-2000:].decode(errors="replace")
            raise TimeoutError(f"{container.image} did not answer within {_READY_TIMEOUT_S:g} s:\n{said}")
        time.sleep(_POLL_S)
