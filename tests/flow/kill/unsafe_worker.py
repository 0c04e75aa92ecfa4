"""A stream processor with one safeguard taken out (WITHOUT=skipping or fencing): shows that the kill test can fail."""

import os
import sys
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from stream_processor import broker, engine, fence
from stream_processor.__main__ import main
from stream_processor.partition import Partition, Taken
from stream_processor.record import Record
from wardstream.runtime import kafka


class Forgetful(Partition):
    """Doesn't know what it has applied."""

    def take(self, topic: str, records: Sequence[Record], position: int, next_position: int) -> Taken:
        self.next_offsets[topic] = 0
        return super().take(topic, records, position, next_position)


class _Unfenced:
    """`wardstream.runtime.kafka` with producers that nobody can fence: each has a transactional id of its own."""

    @staticmethod
    def producer(settings: Any, *, transactional_id: str, **more: Any) -> Any:
        return kafka.producer(settings, transactional_id=f"{transactional_id}-{uuid4()}", **more)


def unsafe(without: str) -> None:
    if without == "skipping":
        # Offsets may be committed as late as they like; so late that there is much to be skipped after every kill.
        broker._COMMIT_INTERVAL_S = 30.0
        engine.Partition = Forgetful  # type: ignore[attr-defined]
    elif without == "fencing":
        fence.kafka = _Unfenced  # type: ignore[assignment, attr-defined]
    else:
        raise SystemExit("WITHOUT is skipping or fencing")


if __name__ == "__main__":
    unsafe(os.environ["WITHOUT"])
    sys.exit(main())
