"""One promise, two keepers: the bucket in memory and the real S3 take an object once and say whose it is."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from parquet_sink.claim import PutNew
from parquet_sink.store import Store
from tests.parquet_sink.bucket import Bucket
from wardstream.local.addresses import Addresses
from wardstream.runtime import aws


def in_memory(_request: pytest.FixtureRequest) -> PutNew:
    return Bucket().put_new


def in_s3(request: pytest.FixtureRequest) -> PutNew:
    servers: Addresses = request.getfixturevalue("servers")
    client = aws.s3(aws.AwsSettings(aws_endpoint_url_s3=servers.s3_endpoint, aws_region=servers.region))
    bucket = f"store-{uuid.uuid4().hex[:8]}"
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return Store(client, bucket, servers.region).put_new


@pytest.fixture(params=[in_memory, pytest.param(in_s3, marks=pytest.mark.flow)])
def put_new(request: pytest.FixtureRequest) -> PutNew:
    make: Callable[[pytest.FixtureRequest], PutNew] = request.param
    return make(request)


def test_the_first_writes_and_whoever_comes_later_hears_of_the_first(put_new: PutNew) -> None:
    first = put_new("readings/date=2025-11-08/a.parquet", b"one", {"last": "7"})
    later = put_new("readings/date=2025-11-08/a.parquet", b"two", {"last": "9"})
    other = put_new("readings/date=2025-11-08/b.parquet", b"two", {"last": "9"})

    assert first is None
    assert dict(later or {}) == {"last": "7"}
    assert other is None


def test_of_many_at_once_exactly_one_writes(put_new: PutNew) -> None:
    with ThreadPoolExecutor(8) as many:
        found = list(many.map(lambda n: put_new("a", b"body", {"last": str(n)}), range(24)))

    assert found.count(None) == 1
    (winner,) = {there["last"] for there in found if there is not None}
    assert found[int(winner)] is None
