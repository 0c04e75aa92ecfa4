"""One message on its way: its bytes, when it leaves, and what it must end up as."""

import msgspec


class Route(msgspec.Struct, frozen=True):
    """The way a device's messages take: its topic, over connection number `connection`."""

    device_id: str
    topic: str
    connection: int


class Said(msgspec.Struct, frozen=True, gc=False):
    """One message. Times are microseconds since the epoch.

    `values` are the numbers sent, normalised and named as in `Reading`; None of garbage. A message sent twice is the
    same object twice. `gc=False`: hundreds of thousands may wait in outboxes, and none can be part of a cycle.
    """

    route: Route
    payload: bytes
    send_at_us: int
    measured_at_us: int
    values: dict[str, float] | None
    boot: int | None = None
    sequence: int | None = None
