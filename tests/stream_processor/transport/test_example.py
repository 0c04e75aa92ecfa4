"""The app on docs/transport.md is one that runs."""

import os
import re
import sys
from pathlib import Path

import pytest

import stream_processor
from tests.stream_processor.transport.counting import counting, until
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child, Command

pytestmark = pytest.mark.flow
_PAGE = Path(stream_processor.__file__).parents[1] / "docs" / "transport.md"


def _example() -> str:
    found = re.search(r"```python\n(.*?)```", _PAGE.read_text(), re.DOTALL)
    assert found
    return found[1]


def test_the_example_of_the_page_adds_up_what_it_reads(servers: Addresses, tmp_path: Path) -> None:
    with counting(servers, tmp_path) as workers:
        topic = workers.topic(1)
        workers.write(topic, 0, [b"1", b"20", b"300"])
        example = _example().replace('"numbers"', f'"{topic}"').replace('"example"', f'"{workers.group}"')
        (tmp_path / "example.py").write_text(example)
        command = Command(
            name="example",
            arguments=(sys.executable, "example.py", "worker", "-l", "info", "--without-web"),
            environment=dict(os.environ) | {"KAFKA_BOOTSTRAP": servers.kafka_bootstrap},
            folder=tmp_path,
            log=tmp_path / "log",
        )
        totals = tmp_path / "totals"

        child = Child(command)
        try:
            until(lambda: totals.exists() and totals.read_text() != "")
        finally:
            code = child.stop()

        assert code == 0
        assert totals.read_text().split()[-2:] == ["0", "321"]
        assert workers.committed(topic, 1) == [3]
