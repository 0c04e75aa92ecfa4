"""Calls that may block for as long as Kafka is away, made beside the loop, which must beat, poll and leave in time."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait


def begun(call: Callable[[], object]) -> "Future[None]":
    """Starts `call` in a thread that can't keep the process from leaving; what it raises is in the future."""
    done: Future[None] = Future()

    def run() -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 -- not swallowed: whoever looks at the future gets it
            done.set_exception(error)
        else:
            done.set_result(None)

    threading.Thread(target=run, name="beside", daemon=True).start()
    return done


def is_over(call: "Future[None]", wait_s: float) -> bool:
    """Whether the call has ended, well or not; waits for it at most `wait_s`."""
    return bool(wait([call], wait_s).done)
