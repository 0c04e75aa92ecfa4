"""A shelf: a Faust table of bytes by person, whose writes can be waited for."""

from typing import Any, NamedTuple

from stream_processor.posting import Letter, post


class Row(NamedTuple):
    """What a shelf holds of one key, in the partition it belongs to. `data` None: nothing any more."""

    key: bytes
    partition: int
    data: bytes | None


class Shelf:
    """A Faust table. Its own `table[key] = row` hands the changelog record to a buffer that nobody can wait for, and
    Faust may commit the reading's offset before that record is in Kafka; `write` returns once it is.
    """

    def __init__(self, app: Any, table: Any) -> None:
        self._app = app
        self._table = table

    def get(self, key: bytes) -> bytes | None:
        """What the shelf holds of `key`, in memory."""
        found: bytes | None = self._table.data.get(key)
        return found

    def place(self, row: Row) -> None:
        """Changes the shelf in memory; durable only after `write`."""
        if row.data is None:
            self._table.data.pop(row.key, None)
        else:
            self._table.data[row.key] = row.data

    async def write(self, rows: list[Row]) -> None:
        """Writes rows to the changelog; returns once all in-sync replicas have them, or raises."""
        changelog: str = self._table.changelog_topic.get_topic_name()
        await post(self._app, [Letter(changelog, row.key, row.data, row.partition) for row in rows])
