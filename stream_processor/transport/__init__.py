"""A Faust transport that hands each partition's fetched records to the agent as one batch; see docs/transport.md."""

from stream_processor.transport.batch import Batch, Record
from stream_processor.transport.consumer import BatchConsumer
from stream_processor.transport.driver import Transport
from stream_processor.transport.topic import batches

__all__ = ["Batch", "BatchConsumer", "Record", "Transport", "batches"]
