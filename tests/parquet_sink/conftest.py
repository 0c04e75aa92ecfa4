"""A lake for each test that runs the sink for real."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parquet_sink.own_lake import OwnLake
from wardstream.local.addresses import Addresses


@pytest.fixture
def lake(servers: Addresses, tmp_path: Path) -> Iterator[OwnLake]:
    """A topic and a bucket of the test's own; its sinks are gone afterwards."""
    own = OwnLake(servers, tmp_path)
    try:
        yield own
    finally:
        own.close()
