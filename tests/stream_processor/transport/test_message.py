"""Acknowledging, by Faust's streams or by hand."""

from stream_processor.transport.message import BatchMessage


def test_a_message_tells_once_that_it_is_acknowledged_also_when_nobody_asks_the_consumer() -> None:
    told: list[BatchMessage] = []
    message = BatchMessage("t", 0, 9, 0.0, 0, [], None, None, None)
    message.settled = told.append

    # As Faust's compiled streams do it.
    message.acked = True
    message.acked = True

    assert told == [message]
    assert message.acked
