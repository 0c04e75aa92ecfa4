"""The session's servers, each by one round trip. Whichever kind they are, the addresses work the same."""

import socket
import threading
import uuid
from queue import Queue

import boto3
import paho.mqtt.client as mqtt
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from paho.mqtt.enums import CallbackAPIVersion

from wardstream.contracts.tables import ALARM_TABLE, ANOMALY_TABLE
from wardstream.contracts.topics import READINGS, TOPICS
from wardstream.local.addresses import Addresses
from wardstream.local.mosquitto import LARGEST_PACKET_BYTES

pytestmark = pytest.mark.flow


def test_kafka_has_the_topics_and_gives_back_what_it_took(servers: Addresses) -> None:
    topics = AdminClient({"bootstrap.servers": servers.kafka_bootstrap}).list_topics(timeout=10).topics
    key = uuid.uuid4().hex
    producer = Producer({"bootstrap.servers": servers.kafka_bootstrap, "acks": "all"})
    consumer = Consumer(
        {"bootstrap.servers": servers.kafka_bootstrap, "group.id": key, "auto.offset.reset": "earliest"}
    )

    producer.produce("bridge-slots", b"round trip", key=key)
    unsent = producer.flush(10)
    consumer.subscribe(["bridge-slots"])
    found = next((m for m in iter(lambda: consumer.poll(20), None) if m.key() == key.encode()), None)
    consumer.close()

    assert {topic.name for topic in TOPICS} <= set(topics)
    assert len(topics[READINGS.name].partitions) == READINGS.partitions
    assert unsent == 0
    assert found is not None
    assert found.value() == b"round trip"


def test_kafka_does_not_make_a_topic_nobody_asked_for(servers: Addresses) -> None:
    admin = AdminClient({"bootstrap.servers": servers.kafka_bootstrap})
    misspelt = f"raedings-{uuid.uuid4().hex}"

    asked = admin.list_topics(misspelt, timeout=10).topics[misspelt]

    assert asked.error is not None
    assert misspelt not in admin.list_topics(timeout=10).topics


def _connected(servers: Addresses) -> mqtt.Client:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    client.connect(servers.mqtt_host, servers.mqtt_port)
    client.loop_start()
    return client


def test_mqtt_carries_a_message(servers: Addresses) -> None:
    topic = f"test/{uuid.uuid4().hex}"
    arrived: Queue[bytes] = Queue()
    subscribed = threading.Event()
    client = _connected(servers)
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = lambda _client, _userdata, message: arrived.put(bytes(message.payload))

    client.subscribe(topic, qos=1)
    assert subscribed.wait(10)
    client.publish(topic, b"round trip", qos=1)
    received = arrived.get(timeout=10)
    client.disconnect()
    client.loop_stop()

    assert received == b"round trip"


def test_mqtt_ends_the_connection_that_sends_too_large_a_packet_and_acknowledges_nothing(
    servers: Addresses,
) -> None:
    acknowledged: list[int] = []
    disconnected = threading.Event()
    client = _connected(servers)
    client.on_publish = lambda _c, _u, mid, *_: acknowledged.append(mid)
    client.on_disconnect = lambda *_: disconnected.set()

    client.publish(f"test/{uuid.uuid4().hex}", b"x" * LARGEST_PACKET_BYTES, qos=1)
    ended = disconnected.wait(10)
    client.loop_stop()

    assert ended
    assert acknowledged == []


def test_s3_gives_back_what_it_took_and_refuses_a_wrong_key(servers: Addresses) -> None:
    bucket = f"test-{uuid.uuid4().hex}"
    s3 = boto3.client("s3", endpoint_url=servers.s3_endpoint, region_name=servers.region)
    stranger = boto3.client(
        "s3",
        endpoint_url=servers.s3_endpoint,
        region_name=servers.region,
        aws_access_key_id="stranger",
        aws_secret_access_key="stranger",
    )

    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a/b", Body=b"round trip")

    assert s3.get_object(Bucket=bucket, Key="a/b")["Body"].read() == b"round trip"
    with pytest.raises(stranger.exceptions.ClientError, match=r"403|Access|InvalidAccessKeyId"):
        stranger.get_object(Bucket=bucket, Key="a/b")


def test_dynamodb_has_the_tables(servers: Addresses) -> None:
    dynamodb = boto3.client("dynamodb", endpoint_url=servers.dynamodb_endpoint, region_name=servers.region)

    tables = dynamodb.list_tables()["TableNames"]

    assert {ANOMALY_TABLE, ALARM_TABLE} <= set(tables)


def test_every_server_is_on_loopback(servers: Addresses) -> None:
    urls = (servers.s3_endpoint, servers.dynamodb_endpoint)

    hosts = {url.removeprefix("http://").partition(":")[0] for url in urls}
    hosts |= {servers.mqtt_host, servers.kafka_bootstrap.partition(":")[0]}

    assert {socket.gethostbyname(host) for host in hosts} == {"127.0.0.1"}
