"""What bringing data back from cold storage costs, as a hint before it is asked for."""

from collections.abc import Iterable
from typing import NamedTuple

from wardstream.lake.objects import Stored

_GB = 1e9
_DAYS_PER_MONTH = 30.44


class Retrieval(NamedTuple):
    """USD per GB and per 1,000 requests, and the hours it may take."""

    per_gb: float
    per_1000_requests: float
    hours: int


# Tier Standard in eu-central-1 in 2025, https://aws.amazon.com/s3/pricing/; times as AWS' guide on retrieval options has them.
STANDARD: dict[str, Retrieval] = {
    "GLACIER": Retrieval(0.012, 0.06, 5),
    "DEEP_ARCHIVE": Retrieval(0.024, 0.12, 12),
}
# The restored copy lies in S3 Standard meanwhile.
_COPY_PER_GB_MONTH = 0.0245


class Hint(NamedTuple):
    """USD, and the hours until the slowest is there."""

    usd: float
    hours: int


def hint(cold: Iterable[Stored], days: int) -> Hint:
    """What restoring these for so many days costs about. Reading them and the compaction of AWS' own tiers is not in it."""
    usd, hours = 0.0, 0
    for one in cold:
        price, size_gb = STANDARD[one.storage_class], one.size_bytes / _GB
        usd += size_gb * (price.per_gb + _COPY_PER_GB_MONTH * days / _DAYS_PER_MONTH)
        usd += price.per_1000_requests / 1000
        hours = max(hours, price.hours)
    return Hint(usd, hours)
