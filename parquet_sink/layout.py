"""Names of the lake's objects. Pure."""

from datetime import date

from wardstream.contracts.tables import LAKE_READINGS

# What a claim's metadata says: the last offset of its cut.
LAST = "last"


def object_key(topic: str, partition: int, first: int, day: date) -> str:
    """The object with the rows of `day` in the cut of `partition` that begins with the row at `first`.

    The cut's end is not in the name, on purpose: two owners of the same beginning compete for the same name, and
    S3 lets one of them win (`store.put_new`).
    """
    return f"{LAKE_READINGS}/date={day.isoformat()}/{topic}-{partition}-{first:020d}.parquet"
