"""Merging one large date: memory at the most, seconds. Files are made while they are read, so no S3 is needed.

`python -m benchmarks.merge [ROWS] [PEOPLE]`
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.lake import FILE_ROWS, FIRST, rows
from parquet_sink import files
from parquet_sink.merge import merged
from wardstream.contracts.tables import READINGS_TABLE
from wardstream.contracts.topics import PARTITIONS


class Bodies:
    """Files of a date as the sink writes them, and how long making them took."""

    def __init__(self, count: int, people: int) -> None:
        self._of = count // people
        self._people = people
        self.made_s = 0.0

    def __iter__(self) -> Iterator[bytes]:
        chance = np.random.default_rng(1)
        each = max(1, FILE_ROWS * PARTITIONS // self._people)
        for first in range(0, self._of, each):
            for partition in range(PARTITIONS):
                began_s = time.process_time()
                mine = np.arange(partition, self._people, PARTITIONS)
                table = rows(chance, FIRST, partition, mine, first, min(each, self._of - first), self._of)
                body = files.written(READINGS_TABLE, table)
                self.made_s += time.process_time() - began_s
                yield body


def main(count: int, people: int) -> None:
    bodies = Bodies(count, people)
    began_s = time.process_time()
    with tempfile.TemporaryDirectory(prefix="bench-merge-") as scratch:
        made = [
            (rows.num_rows, len(files.written(READINGS_TABLE, rows)))
            for rows in merged(READINGS_TABLE, bodies, Path(scratch))
        ]
    cpu_s = time.process_time() - began_s - bodies.made_s
    total = sum(one for one, _ in made)
    print(
        f"{total:,} rows of {people} people into {len(made)} files, {sum(one for _, one in made) / total:.1f} bytes a row"
    )
    print(
        f"{cpu_s:.0f} s of CPU, {cpu_s / total * 1e6:.1f} us a row; {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most"
    )


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 100_000_000,
        int(sys.argv[2]) if len(sys.argv) > 2 else 10_000,
    )
