"""Workers that are killed, join, leave and freeze while readings flow; then everything is left to settle."""

import time
from collections.abc import Sequence

from confluent_kafka import TopicPartition

from tests.flow.kill.plan import Event
from tests.stream_processor.processing import Group, Worker
from wardstream.contracts.topics import PARTITIONS, READINGS
from wardstream.runtime.kafka import KafkaSettings, consumer

# Longer than the session: the group has moved on when the worker wakes up.
_PAST_THE_SESSION_S = 9.0
_SETTLED_WITHIN_S = 120.0
_POLL_S = 0.5


def run(group: Group, events: Sequence[Event]) -> None:
    """Does all of it, beginning with two workers; ends with at least one at work."""
    workers = [group.start(), group.start()]
    for event in events:
        time.sleep(event.pause_s)
        workers = [worker for worker in workers if worker.exit_code is None]
        while not workers:
            workers.append(group.start_unready())
        _do(group, workers, event)


def _do(group: Group, workers: list[Worker], event: Event) -> None:
    if event.deed == "join":
        workers.append(group.start_unready())
        return
    chosen = workers[int(event.lot * len(workers))]
    if event.deed == "kill":
        chosen.kill()
        workers[workers.index(chosen)] = group.start_unready()
    elif event.deed == "leave":
        workers.remove(chosen)
        chosen.stop()
    else:
        chosen.freeze()
        time.sleep(_PAST_THE_SESSION_S)
        chosen.thaw()


def settle(group: Group) -> None:
    """Waits until the group has committed everything in `readings`; starts a worker if none is left."""
    client = consumer(KafkaSettings(kafka_bootstrap=group.servers.kafka_bootstrap), group.name)
    try:
        places = [TopicPartition(READINGS.name, number) for number in range(PARTITIONS)]
        ends = [client.get_watermark_offsets(place)[1] for place in places]
        deadline = time.monotonic() + _SETTLED_WITHIN_S
        while not _all_there(client.committed(places), ends):
            assert time.monotonic() < deadline, "the group does not come to the end of readings"
            if not group.is_any_running:
                group.start_unready()
            time.sleep(_POLL_S)
    finally:
        client.close()


def _all_there(committed: list[TopicPartition], ends: list[int]) -> bool:
    return all(each.offset >= end or end == 0 for each, end in zip(committed, ends, strict=True))
