"""Letting ourselves in to Kafka with a token, as MSK asks; and the token that AWS' signer makes."""

import asyncio
import base64
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiokafka import AIOKafkaConsumer
from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth
from pydantic import ValidationError

from stream_processor.broker import credentials
from stream_processor.settings import ProcessorSettings
from tests.runtime.signed_kafka import signed_kafka, unsecured
from wardstream.contracts.topics import READINGS, TOPICS
from wardstream.provision import topics
from wardstream.provision.settings import ProvisionSettings
from wardstream.runtime import kafka
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import KafkaSettings
from wardstream.runtime.msk_iam import signed

SIGNED = {"kafka_security_protocol": "SASL_PLAINTEXT", "kafka_sasl_mechanism": "AWS_MSK_IAM"}
REGION = "eu-central-1"


def test_the_token_is_a_request_to_connect_signed_for_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    token, ends_s = signed(REGION)

    url = urlsplit(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode())
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert url.hostname == f"kafka.{REGION}.amazonaws.com"
    assert asked["Action"] == "kafka-cluster:Connect"
    assert asked["X-Amz-Credential"].endswith(f"/{REGION}/kafka-cluster/aws4_request")
    assert 0 < ends_s - time.time() <= 900


def test_a_region_is_needed_and_a_user_is_not() -> None:
    with pytest.raises(ValidationError, match="KAFKA_AWS_REGION"):
        KafkaSettings(kafka_bootstrap="b:9098", **SIGNED)  # type: ignore[arg-type]  # text, as variables are

    settings = KafkaSettings(kafka_bootstrap="b:9098", kafka_aws_region=REGION, **SIGNED)  # type: ignore[arg-type]

    assert settings.signs_with_aws


@pytest.mark.flow
def test_both_clients_are_let_in_with_a_token_and_not_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a broker that can check no signature of AWS: its kind of token comes out of AWS' own signer.
    tokens: list[str] = []

    def made(region: str) -> tuple[str, int]:
        tokens.append(region)
        # So short that the client must ask again while it is at work.
        return unsecured(lasting_s=10.0)

    monkeypatch.setattr(MSKAuthTokenProvider, "generate_auth_token", made)
    with signed_kafka(tmp_path) as address:
        given = {"kafka_bootstrap": address, "kafka_aws_region": REGION, **SIGNED}

        # When librdkafka's client and Faust's use it; and somebody else comes.
        names = topics.make(ProvisionSettings(**given))  # type: ignore[arg-type]  # text, as variables are
        client = kafka.producer(ProvisionSettings(**given))  # type: ignore[arg-type]
        client.produce(READINGS.name, b"{}", b"ann")
        unsent = client.flush(60)
        said = asyncio.run(_first(ProcessorSettings(**given)))  # type: ignore[arg-type]
        so_far = len(tokens)
        renewed = _until(lambda: client.poll(0.1) is not None and len(tokens) > so_far)
        with pytest.raises(CannotRun):
            kafka.require_topics(KafkaSettings(kafka_bootstrap=address), {}, timeout_s=3)

        # Then all is there, and tokens were made anew.
        assert set(names) == {topic.name for topic in TOPICS}
        assert unsent == 0
        assert said == b"ann"
        assert renewed
        assert set(tokens) == {REGION}


async def _first(settings: ProcessorSettings) -> bytes | None:
    reader = AIOKafkaConsumer(
        READINGS.name,
        bootstrap_servers=settings.kafka_bootstrap,
        auto_offset_reset="earliest",
        **credentials_to_aiokafka_auth(credentials(settings)),
    )
    await reader.start()
    try:
        record = await asyncio.wait_for(reader.getone(), 60)
        key: bytes | None = record.key
        return key
    finally:
        await reader.stop()


def _until(happened: Callable[[], bool], within_s: float = 60.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if happened():
            return True
    return False
