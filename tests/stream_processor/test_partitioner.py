"""One key, one partition: Java, librdkafka and Faust must agree, or a person's state and readings part."""

from uuid import uuid4

import pytest
from aiokafka.partitioner import DefaultPartitioner, murmur2
from hypothesis import given
from hypothesis import strategies as st

from tests.stream_processor.topics import Record, write
from wardstream.contracts import wire
from wardstream.contracts.alarm_action import SetLimits
from wardstream.contracts.topics import ALARM_ACTIONS, PARTITIONS
from wardstream.local.addresses import Addresses

_ALL = list(range(PARTITIONS))
_SIGN = 0x7FFFFFFF


def _signed(number: int) -> int:
    return ((number & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        # org.apache.kafka.common.utils.UtilsTest.testMurmur2
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_fausts_hash_is_javas(key: bytes, hashed: int) -> None:
    assert _signed(murmur2(key)) == hashed


@given(st.binary(min_size=1, max_size=64))
def test_fausts_partition_is_javas(key: bytes) -> None:
    assert DefaultPartitioner()(key, _ALL, _ALL) == (murmur2(key) & _SIGN) % PARTITIONS


@pytest.mark.flow
def test_librdkafkas_partition_is_fausts(servers: Addresses) -> None:
    keys = [f"nobody-{uuid4().hex[:length]}" for length in range(1, 33) for _ in range(8)]
    nothing = wire.encode(SetLimits(user_id="nobody", by="test", at_us=0))

    partitions = write(servers, (Record(ALARM_ACTIONS.name, key, nothing) for key in keys))

    by_faust = [DefaultPartitioner()(key.encode(), _ALL, _ALL) for key in keys]
    assert sorted(partitions) == sorted(by_faust)
    assert len(set(partitions)) == PARTITIONS
