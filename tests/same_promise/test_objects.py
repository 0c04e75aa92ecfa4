"""One promise, two keepers: the bucket in memory and the real S3 list, read and remove alike."""

import uuid
from collections.abc import Callable

import pytest

from parquet_sink.compactor import Objects
from parquet_sink.store import Store
from tests.parquet_sink.bucket import Bucket
from wardstream.local.addresses import Addresses
from wardstream.runtime import aws


def in_memory(_request: pytest.FixtureRequest) -> Objects:
    return Bucket()


def in_s3(request: pytest.FixtureRequest) -> Objects:
    servers: Addresses = request.getfixturevalue("servers")
    client = aws.s3(aws.AwsSettings(aws_endpoint_url_s3=servers.s3_endpoint, aws_region=servers.region))
    bucket = f"objects-{uuid.uuid4().hex[:8]}"
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return Store(client, bucket, servers.region)


@pytest.fixture(params=[in_memory, pytest.param(in_s3, marks=pytest.mark.flow)])
def objects(request: pytest.FixtureRequest) -> Objects:
    make: Callable[[pytest.FixtureRequest], Objects] = request.param
    return make(request)


def test_what_was_written_is_listed_in_the_order_of_names_and_read_as_it_was(objects: Objects) -> None:
    for key in ("a/2", "a/1", "b/1"):
        objects.put_new(key, key.encode() * 3, {})

    found = list(objects.found("a/"))

    assert [(one.key, one.size_bytes) for one in found] == [("a/1", 9), ("a/2", 9)]
    assert found[0].etag != found[1].etag
    assert objects.keys("a/") == ["a/1", "a/2"]
    assert objects.read("a/1") == b"a/1a/1a/1"
    assert objects.read("a/3") is None


def test_what_was_removed_is_gone_at_once_and_what_was_never_there_is_no_fault(objects: Objects) -> None:
    objects.put_new("a/1", b"one", {})
    objects.put_new("a/11", b"two", {})

    objects.remove(["a/1", "a/never"])

    assert objects.keys("a/") == ["a/11"]
    assert not objects.is_there("a/1")
    assert objects.is_there("a/11")
    assert objects.put_new("a/1", b"again", {}) is None
