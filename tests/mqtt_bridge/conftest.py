"""A ward for each test that runs the bridge for real."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mqtt_bridge.ward import Ward
from wardstream.local.addresses import Addresses


@pytest.fixture
def ward(servers: Addresses, tmp_path: Path) -> Iterator[Ward]:
    """Devices, bridges and a look at Kafka, with nothing left behind at the MQTT broker."""
    own = Ward(servers, tmp_path)
    try:
        yield own
    finally:
        own.close()
