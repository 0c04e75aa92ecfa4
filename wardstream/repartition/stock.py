"""What lies where in a compacted topic, and what must move when it has more partitions."""

from typing import NamedTuple

from wardstream.contracts.partitions import partition_of
from wardstream.repartition.reading import Reader
from wardstream.scoring import progress


class Stock(NamedTuple):
    """Where each key has its row, and the next offsets of each partition that has a progress row."""

    places: dict[bytes, set[int]]
    progress: dict[int, dict[str, int]]

    @property
    def doubled(self) -> int:
        """How many keys have rows in more than one partition."""
        return sum(len(where) > 1 for where in self.places.values())

    def misplaced(self, partitions: int) -> dict[int, set[bytes]]:
        """By partition, the keys that belong elsewhere once there are so many."""
        found: dict[int, set[bytes]] = {}
        for key, where in self.places.items():
            for number in where - {partition_of(key, partitions)}:
                found.setdefault(number, set()).add(key)
        return found


def take_stock(reader: Reader, topic: str, partitions: int) -> Stock:
    """Reads the whole topic. Holds the keys, and one partition's rows at a time. `UnreadableState` is a bad progress row."""
    stock = Stock({}, {})
    for number in range(partitions):
        for key, value in reader.newest(topic, number).items():
            if key == progress.KEY:
                stock.progress[number] = progress.decode(value)
            else:
                stock.places.setdefault(key, set()).add(number)
    return stock
