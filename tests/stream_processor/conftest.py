"""One processor for the tests that only talk to it."""

from collections.abc import Iterator

import pytest

from tests.stream_processor.processing import Worker, group
from wardstream.local.addresses import Addresses


@pytest.fixture(scope="module")
def processor(servers: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """A running worker in a group of its own."""
    with group(servers, tmp_path_factory.mktemp("processor")) as made:
        yield made.start()
