"""A store for each test that runs it for real."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alarm_store.own_store import OwnStore
from wardstream.local.addresses import Addresses


@pytest.fixture
def own(servers: Addresses, tmp_path: Path) -> Iterator[OwnStore]:
    """Topics, devices and users of the test's own; its stores are gone afterwards."""
    made = OwnStore(servers, tmp_path)
    try:
        yield made
    finally:
        made.close()
