"""kill -9, two owners of the same partitions and a bad S3, all at once: each offset in the files once, each reading in the view once.

KILLS (4; `make kill-sink`: 20) and SEED (0: a new one, which is printed) say how often and when.
"""

import os
import random
import signal
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec
import pytest

from tests.parquet_sink.own_lake import OwnLake, until
from tests.parquet_sink.s3_proxy import Fault, s3_proxy
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child

pytestmark = [pytest.mark.flow, pytest.mark.timeout(1500)]

KILLS = int(os.environ.get("KILLS", "4"))
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
PER_LIFE = 1200


class BadS3:
    """Decides what befalls each request, and rings when so many were made."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._lock = threading.Lock()
        self._left = 0
        self.is_bad = True
        self.rang = threading.Event()

    def ring_after(self, requests: int) -> None:
        """Rings once more, when so many were made from now on."""
        with self._lock:
            self._left = requests
            self.rang.clear()

    def __call__(self, method: str, _path: str) -> Fault | None:
        """A `Decide`."""
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.rang.set()
            if not self.is_bad or method != "PUT":
                return None
            (fault,) = self._chance.choices([None, Fault.REFUSED, Fault.SLOW, Fault.LOST], [70, 10, 10, 10])
            return fault


@pytest.fixture
def bad_s3(servers: Addresses) -> Iterator[tuple[Addresses, BadS3]]:
    """The servers with a way to S3 that is bad."""
    made = BadS3(random.Random(SEED))
    with s3_proxy(urlsplit(servers.s3_endpoint).port or 80, made, slow_s=0.5) as proxy:
        yield msgspec.structs.replace(servers, s3_endpoint=f"http://127.0.0.1:{proxy.port}"), made


def test_killed_at_random_moments_beside_a_second_owner_with_a_bad_s3_nothing_is_lost_or_doubled(
    lake: OwnLake, bad_s3: tuple[Addresses, BadS3]
) -> None:
    print(f"KILLS={KILLS} SEED={SEED}")
    chance = random.Random(SEED)
    by, s3 = bad_s3
    lake.make_bucket()
    published = 0

    def one_sink(name: str) -> Child:
        # Another group owns every partition as well, and cuts elsewhere.
        group = (
            {"SINK_GROUP": f"sink-{lake.token}"} if name == "one" else {"SINK_GROUP": f"other-{lake.token}"}
        )
        cuts = {
            "FLUSH_ROWS": str(chance.randint(20, 150)),
            "FLUSH_INTERVAL_S": f"{chance.uniform(0.2, 1.5):.2f}",
        }
        return lake.unready_sink(name, servers=by, **group, **cuts)

    alive = {name: one_sink(name) for name in ("one", "other")}
    for _ in range(KILLS):
        # Some late, some resent.
        more = [lake.reading(n, days_late=n % 3) for n in range(published, published + PER_LIFE)]
        lake.publish(more + more[:: chance.randint(7, 40)])
        published += PER_LIFE
        s3.ring_after(chance.randint(1, 25))
        until(s3.rang.is_set, "its moment", timeout_s=120)
        killed = chance.choice(sorted(alive))
        alive[killed].send(signal.SIGKILL)
        until(lambda killed=killed: alive[killed].exit_code is not None, "its death")  # type: ignore[misc]  # bound now
        alive[killed] = one_sink(killed)
    s3.is_bad = False
    until(lake.is_committed, "the rest to be committed", timeout_s=180)

    assert lake.places() == sorted(lake.in_topic())
    counted = lake.ask("SELECT count(*) AS all, count(DISTINCT reading_id) AS ids FROM iot_data")
    assert counted == [{"all": published, "ids": published}]
