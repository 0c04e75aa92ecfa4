"""Erasing from files in cold storage: asked for, looked into when they have come, put back without the person."""

import gzip
import io
from collections.abc import Iterator
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

from tests.lake.archive import Archive, archive
from tests.lake.rows import NOON, row
from wardstream.lake.restore import restore
from wardstream.local.addresses import Addresses
from wardstream.person import deeds
from wardstream.person.erase import erase, go_on
from wardstream.person.journal import Journal, Journals
from wardstream.person.receipt import receipt, text
from wardstream.person.settings import PersonSettings

pytestmark = pytest.mark.flow
DAY = timedelta(days=1)
REQUEST = "cold-1"
BOOK = "models/books/07/0000000001-ab.json.gz"


@pytest.fixture
def cold() -> Iterator[Archive]:
    with archive() as made:
        yield made


def settings(lake: Archive, servers: Addresses) -> PersonSettings:
    return PersonSettings(
        kafka_bootstrap=servers.kafka_bootstrap,
        aws_endpoint_url_s3=lake.endpoint,
        aws_endpoint_url_dynamodb=servers.dynamodb_endpoint,
        lake_bucket=lake.name,
        # No sink is here that could be waited for.
        anomalies_topic="",
        alarms_topic="",
    )


def whose(lake: Archive, key: str) -> list[str]:
    body = lake.bucket.client.get_object(Bucket=lake.name, Key=key)["Body"].read()
    names: list[str] = pq.read_table(io.BytesIO(body))["user_id"].to_pylist()
    return names


def test_cold_files_are_scheduled_and_the_request_ends_when_they_are_rewritten(
    cold: Archive, servers: Addresses
) -> None:
    both = [row("r1", 0, user_id="ann"), row("r2", 1, user_id="bob"), row("r3", 2, user_id="bob")]
    hot = cold.hold("hot", both)
    key = cold.hold("cold", [one | {"measured_at": NOON - DAY} for one in both], "GLACIER")
    cold.hold("other", [row("r4", 3, user_id="ann", measured_at=NOON - 2 * DAY)], "DEEP_ARCHIVE")
    cold.bucket.client.put_object(
        Bucket=cold.name, Key=BOOK, Body=gzip.compress(b'{"entries":{"ann":{},"bob":{}}}')
    )
    cold.restores_slowly(looks=8)
    wanted = settings(cold, servers)
    # What comes before the lake is another test's: nobody of these was ever in Kafka or DynamoDB.
    Journals(cold.bucket).open(
        Journal(
            request=REQUEST,
            subject=deeds.subject("bob", REQUEST),
            opened_at="2025-11-09T00:00:00+00:00",
            user_id="bob",
            devices=(),
            readings_before=0,
            forgotten_at=0,
            anomalies=0,
            alarms=0,
        )
    )
    told: list[deeds.Deed] = []

    first = erase(wanted, "bob", REQUEST, told.append)
    later = first
    for _ in range(20):
        if later.frozen:
            (later,) = go_on(wanted, told.append)
    assert (later.frozen, later.models, later.done_at) == ((), (BOOK,), None)
    assert f"1 objects of trained models name this person, from {BOOK} on" in text(receipt(later))
    cold.bucket.client.put_object(
        Bucket=cold.name, Key=BOOK, Body=gzip.compress(b'{"entries":{"ann":{},"bobby":{}}}')
    )
    (later,) = go_on(wanted, told.append)

    assert (first.done_at, len(first.frozen or ())) == (None, 2)
    assert whose(cold, hot) == ["ann"]
    assert "2 files in cold storage" in text(receipt(first))
    assert later.done_at is not None
    assert receipt(later).rows == {"readings": 4}
    assert [deed.what for deed in told] == ["erasure_begun", "erasure_done"]
    there = cold.bucket.client.head_object(Bucket=cold.name, Key=key)
    assert (there["StorageClass"], there["Metadata"]) == ("GLACIER", {"last": "7"})
    cold.restores_slowly(looks=1)
    restore(cold.bucket, [key], 1, 0.01, told=lambda _: None)
    assert whose(cold, key) == ["ann"]
    assert go_on(wanted, told.append) == []
