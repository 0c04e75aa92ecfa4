"""The consumer's own thread: fetches batches, and shares partitions out so that equal numbers meet in one worker."""

from typing import Any

from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP

from stream_processor.transport.fetch import fetched

# aiokafka asks a broker one question at a time. While partitions with records are being worked on it asks for the idle
# ones alone, and the busy ones' next records wait until that answer comes: it must not be waited for long.
_BUSY_WAIT_MS = 20
_IDLE_WAIT_MS = 500


class BatchConsumerThread(AIOKafkaConsumerThread):
    """Faust's aiokafka thread, but for what a fetch returns, for the assignor, and for reading only what is committed."""

    transport: Any

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust deals partitions out round-robin over all topics: partition 3 of two topics may meet different workers.
        consumer._partition_assignment_strategy = (RangePartitionAssignor,)  # noqa: SLF001
        # Faust reads what was aborted, too, unless it is to write transactions itself.
        consumer._isolation_level = "read_committed"  # noqa: SLF001
        return consumer

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Stays in the group while `Transport.before_start` restores state, however long that takes."""
        # aiokafka begins only after this, and a member that is silent for a session is put out: it would come back to new
        # partitions, restore them, be silent for as long and be put out again, for ever.
        self._ensure_consumer()._coordinator._start_heartbeat_task()  # noqa: SLF001
        await super().on_partitions_assigned(assigned, generation_id)

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: Any,
        timeout: float | None = None,  # noqa: ASYNC109 -- Faust's signature
        max_records: int | None = None,  # noqa: ARG002 -- Faust's signature
    ) -> Any:
        if not self.consumer.flow_active:
            return {}
        fetcher = consumer._fetcher  # noqa: SLF001
        if consumer._closed or fetcher._closed:  # noqa: SLF001
            raise ConsumerStoppedError
        with fetcher._subscriptions.fetch_context():  # noqa: SLF001
            found = await fetched(
                fetcher, active_partitions, timeout or 0.0, self.transport.batch_size, self._is_flowing
            )
        fetcher._fetch_max_wait_ms = _BUSY_WAIT_MS if found else _IDLE_WAIT_MS  # noqa: SLF001
        return found

    def _is_flowing(self) -> bool:
        flowing: bool = self.consumer.flow_active
        return flowing
