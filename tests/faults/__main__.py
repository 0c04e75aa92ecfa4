"""`python -m tests.faults [ROW ...]`: the whole matrix, or the rows whose names hold one of the words given.

KILLS (20) SIGKILLs a service, OUTAGE_S (60) without Kafka, SEED (0: a new one, which is printed).
"""

import os
import random
import signal
import sys
import tempfile
from pathlib import Path

from tests.faults import matrix
from tests.faults.pipeline import running
from tests.faults.rows import all_rows
from tests.faults.small_disk import is_possible

RECOVERED_WITHIN_S = 60.0


def main(words: list[str]) -> int:
    """The exit code: 0 if nothing was lost, doubled or wrong, and every row recovered in time."""
    seed = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
    rows = [row for row in all_rows() if not words or any(word in row.name for word in words)]
    print(f"SEED={seed}")
    if not is_possible():
        print("rows with a full disk are left out: only root may mount a small one")
    print(matrix.HEAD, flush=True)
    failed = 0
    with (
        tempfile.TemporaryDirectory(prefix="wardstream-faults-") as folder,
        running(Path(folder)) as pipeline,
    ):
        for result in matrix.run(pipeline, rows, seed):
            print(matrix.line(result), flush=True)
            failed += not result.verdict.holds or result.recovered_s > RECOVERED_WITHIN_S
    print(f"{len(rows) - failed} of {len(rows)} rows held")
    return 1 if failed else 0


if __name__ == "__main__":
    # Else being asked to end would leave its folder behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
