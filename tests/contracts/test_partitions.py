"""Our own murmur2 is the one every producer uses."""

from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from wardstream.contracts.partitions import partition_of


@given(st.binary(min_size=1, max_size=64), st.integers(min_value=1, max_value=500))
def test_a_keys_partition_is_fausts_and_so_javas(key: bytes, partitions: int) -> None:
    everywhere = list(range(partitions))

    assert partition_of(key, partitions) == DefaultPartitioner()(key, everywhere, everywhere)
