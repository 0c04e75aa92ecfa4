"""What Kafka doesn't confirm is never called confirmed."""

import time

import pytest
from confluent_kafka import KafkaException

from mqtt_bridge.pending import Delivery
from mqtt_bridge.publisher import Publisher
from tests.mqtt_bridge.nobody import to_nobody
from wardstream.contracts.reading import Reading

READING = Reading(
    reading_id="r", device_id="dev-1", user_id="anna", measured_at_us=1, received_at_us=2, heart_rate_bpm=70.0
)


def poll_for(publisher: Publisher, seconds: float) -> None:
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        publisher.poll(0.1)


def test_a_message_that_kafka_never_took_raises_and_stays_unconfirmed() -> None:
    with to_nobody(gives_up_after_ms=50) as publisher:
        delivery = Delivery(1, 0.0)
        publisher.publish(READING, delivery)

        with pytest.raises(KafkaException):
            poll_for(publisher, 10)

    assert not delivery.confirmed


@pytest.mark.parametrize("limits", [{"most_messages": 10}, {"most_bytes": 1500}])
def test_a_publisher_at_its_limit_says_so(limits: dict[str, int]) -> None:
    with to_nobody(**limits) as publisher:
        while not publisher.is_full:
            publisher.publish(READING, Delivery(1, 0.0))

        assert 1 < publisher.in_flight <= 20


def test_a_publisher_is_full_before_its_producer_refuses() -> None:
    with to_nobody() as publisher:
        while not publisher.is_full:
            publisher.publish(READING, Delivery(1, 0.0))

        assert publisher.in_flight == 50_000
