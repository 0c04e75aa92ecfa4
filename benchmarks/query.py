"""Peak memory of `wardstream query` over some million rows, and the bytes that a question for one person reads.

`python -m benchmarks.query [rows]`: starts an S3 of its own, fills it with the sink's own encoder, and removes both.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from parquet_sink import files
from wardstream.contracts.tables import READINGS_TABLE
from wardstream.lake.schema import LAKE_SCHEMA
from wardstream.local.addresses import Addresses
from wardstream.local.servers import start_servers
from wardstream.local.services import environment
from wardstream.runtime import aws

PEOPLE = 1000
DAYS = 5
CUT_ROWS = 100_000
FIRST = datetime(2025, 11, 1, tzinfo=UTC)
BUCKET = "wardstream-lake"
QUESTIONS = {
    "everything, as CSV": "SELECT * FROM iot_data",
    "one person's day": "SELECT * FROM iot_data WHERE user_id = 'person-7' AND date = '2025-11-03'",
    "averages by hour": (
        "SELECT date, hour(timestamp) AS hour, avg(heart_rate) FROM iot_data GROUP BY ALL ORDER BY ALL"
    ),
}
_MAIN = """
import resource, sys
from wardstream.cli import app
try:
    app(sys.argv[1:])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MB", file=sys.stderr)
"""


def cut(day: int, number: int) -> pa.Table:
    """One cut of a day: every person now and then."""
    rng = np.random.default_rng(day * 10_000 + number)
    people = rng.integers(0, PEOPLE, CUT_ROWS)
    start = FIRST + timedelta(days=day)
    at = np.sort(rng.integers(0, 86_400_000_000, CUT_ROWS)) + int(start.timestamp() * 1e6)
    offsets = np.arange(CUT_ROWS) + number * CUT_ROWS
    columns = {
        "reading_id": pa.array([f"{day:02d}-{number:04d}-{n:08d}xxxx" for n in range(CUT_ROWS)]),
        "device_id": pa.array([f"device-{n}" for n in people]),
        "user_id": pa.array([f"person-{n}" for n in people]),
        "measured_at": pa.array(at, pa.timestamp("us", tz="UTC")),
        "received_at": pa.array(at + 40_000, pa.timestamp("us", tz="UTC")),
        "boot": pa.repeat(pa.scalar(1, pa.int64()), CUT_ROWS),
        "sequence": pa.array(offsets),
        "heart_rate_bpm": pa.array(np.round(rng.normal(70, 9, CUT_ROWS))),
        "spo2_pct": pa.array(np.round(rng.normal(97, 1, CUT_ROWS))),
        "partition": pa.repeat(pa.scalar(number % 8, pa.int32()), CUT_ROWS),
        "offset": pa.array(offsets),
    }
    rest = {field.name: pa.nulls(CUT_ROWS, field.type) for field in LAKE_SCHEMA if field.name not in columns}
    return pa.Table.from_pydict(columns | rest, schema=LAKE_SCHEMA)


def fill(addresses: Addresses, rows: int) -> int:
    """Writes the lake; its bytes."""
    client = aws.s3(aws.AwsSettings(aws_endpoint_url_s3=addresses.s3_endpoint, aws_region=addresses.region))
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    written = 0
    for number in range(rows // CUT_ROWS):
        day = number % DAYS
        ((measured, dated),) = files.by_date(cut(day, number))
        body = files.encoded(READINGS_TABLE, dated)
        key = f"readings/date={measured}/readings-{number % 8}-{number:020d}.parquet"
        client.put_object(Bucket=BUCKET, Key=key, Body=body)
        written += len(body)
    return written


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as name, start_servers(Path(name)) as addresses:
        os.environ["AWS_ACCESS_KEY_ID"] = addresses.access_key
        os.environ["AWS_SECRET_ACCESS_KEY"] = addresses.secret_key
        print(f"{rows:,} rows of {PEOPLE:,} people over {DAYS} days: {fill(addresses, rows) / 1e6:.0f} MB")
        for what, sql in QUESTIONS.items():
            began_s = time.monotonic()
            command = [sys.executable, "-c", _MAIN, "query", "--stats", "--format", "csv", sql]
            done = subprocess.run(
                command,
                env=environment(addresses),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                check=True,
            )
            said = "; ".join(done.stderr.decode().split("\n")).strip("; ")
            print(f"{what}: {time.monotonic() - began_s:.1f} s; {said}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000)
