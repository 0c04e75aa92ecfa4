"""A topic whose events are batches."""

from typing import Any

from faust.serializers.schemas import Schema


class _Untouched(Schema):  # type: ignore[type-arg]  # nothing is decoded
    """A batch has nothing to be decoded as a whole: its records are the agent's to read."""

    def compile(self, app: Any, **_: Any) -> Any:
        create_event = app.create_event

        async def decode(message: Any, *, propagate: bool = False) -> Any:  # noqa: ARG001 -- Faust's signature
            return create_event(message.key, message.value, message.headers, message)

        return decode


def batches(app: Any, name: str) -> Any:
    """The topic `name`, its events' values being `Batch`es; only for an app whose broker is `batch://`."""
    return app.topic(name, schema=_Untouched())
