"""One device with its own certificate: what it says, and what it shows of what it hears."""

import sys
from collections.abc import Callable

from iot_simulator import ward
from iot_simulator.company import Company, ward_of
from iot_simulator.connection import Heard
from iot_simulator.options import SingleOptions
from iot_simulator.said import Route


def company(options: SingleOptions) -> Company:
    """The one device; silent when it only subscribes."""
    route = Route(options.id, options.topic, 0)
    spoken = [] if options.mode == "subscribe" else list(ward.voices(ward_of(options, 1, 1), (route,)))
    return Company(spoken, [part.device for _first, part in spoken[:1]], [options.id], 1, (route,))


def listening(options: SingleOptions, stop: Callable[[], None]) -> tuple[str, Heard] | None:
    """The topic to listen to and what to do with a message: show it. None when it only publishes.

    The messages go to the user's own terminal, the one place where a payload may be seen; `stop` is called when that
    is closed.
    """
    if options.mode == "publish":
        return None

    def heard(topic: str, payload: bytes) -> None:
        text = payload.decode(errors="backslashreplace")
        try:
            sys.stdout.write(f"{topic} ({len(payload)} bytes) {text}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            stop()

    return options.topic, heard
