"""A lake of so many rows, asked before and after merging: seconds, bytes from S3, objects touched, memory of merging.

`python -m benchmarks.lake [--rows N] [--days D] [--people P]`: an S3 of its own on this machine, made and removed. Rows are generated straight into
the layout that the sink writes: each person says something at even distances, in files of 25,000 rows.

It takes long. In steps, so that the machine can be quiet where it matters: `--folder F --step fill --only 0-3`, then more dates, `--step ask`,
`--step merge --only 15-21`, `--step ask`; the folder is yours to remove.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from parquet_sink import files, layout
from parquet_sink.layout import Source
from tests.parquet_sink.s3_proxy import S3Proxy, s3_proxy
from wardstream.contracts.tables import READINGS_TABLE, WEARERS_TABLE
from wardstream.contracts.topics import PARTITIONS, READINGS
from wardstream.lake.query import answered
from wardstream.lake.schema import LAKE_SCHEMA, SCHEMAS
from wardstream.lake.settings import LakeSettings
from wardstream.local import s3
from wardstream.local.children import Child
from wardstream.local.ports import LOOPBACK, free_ports
from wardstream.provision import bucket
from wardstream.runtime import aws

FIRST = date(2025, 11, 1)
BUCKET = "bench-lake"
KEYS = {"AWS_ACCESS_KEY_ID": "wardstream", "AWS_SECRET_ACCESS_KEY": "wardstream-local"}
FILE_ROWS = 25_000
DAY_US = 86_400_000_000
ALPHABET = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", np.uint8)
# Of columns that a bedside monitor says nothing in.
SILENT = {field.name for field in LAKE_SCHEMA if pa.types.is_floating(field.type)} - {
    "heart_rate_bpm",
    "spo2_pct",
    "temperature_c",
}


def ids(chance: np.random.Generator, count: int) -> pa.Array:
    """Reading ids, as random as real ones."""
    text = ALPHABET[chance.integers(0, 64, count * 20, np.uint8)].tobytes()
    ends = np.arange(0, 20 * count + 1, 20, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(ends), pa.py_buffer(text)])


def names(prefix: str, people: np.ndarray) -> pa.Array:
    """Each person's name, as often as it stands there."""
    different = np.unique(people)
    texts = pa.array([f"{prefix}{one:06d}" for one in different])
    return texts.take(pa.array(np.searchsorted(different, people)))


def rows(
    chance: np.random.Generator,
    day: date,
    partition: int,
    people: np.ndarray,
    first: int,
    count: int,
    of: int,
) -> pa.Table:
    """`count` readings of each of the partition's people, from their `first` of the date's `of`: by person and time."""
    said = np.tile(np.arange(first, first + count), len(people))
    who = np.repeat(people, count)
    midnight_us = (day - date(1970, 1, 1)).days * DAY_US
    total = len(who)
    measured = midnight_us + said * (DAY_US // of) + who % 1000 + chance.integers(0, 400_000, total)
    number = ((day - FIRST).days * of + said).astype(np.int64)
    order = np.repeat(np.arange(len(people)), count)
    columns: dict[str, pa.Array] = {
        "reading_id": ids(chance, total),
        "device_id": names("BSM_", who),
        "user_id": names("user_", who),
        "measured_at": pa.array(measured).cast(pa.timestamp("us", "UTC")),
        "received_at": pa.array(measured + 40_000 + chance.integers(0, 30_000, total)).cast(
            pa.timestamp("us", "UTC")
        ),
        "boot": pa.array(np.ones(total, np.int64)),
        "sequence": pa.array(number),
        "heart_rate_bpm": pa.array(np.round(chance.normal(75, 8, total), 1)),
        "spo2_pct": pa.array(np.round(chance.normal(96, 1, total), 1), mask=said % 10 != 0),
        "temperature_c": pa.array(np.round(chance.normal(37, 0.3, total), 1), mask=said % 15 != 0),
        "artefacts": pa.ListArray.from_arrays(np.zeros(total + 1, np.int32), pa.array([], pa.string())),
        "partition": pa.array(np.full(total, partition, np.int32)),
        "offset": pa.array(number * len(people) + order),
    }
    silent = {field.name: pa.nulls(total, field.type) for field in LAKE_SCHEMA if field.name not in columns}
    return pa.table(columns | silent, schema=LAKE_SCHEMA)


def fill(endpoint: str, people: int, of: int, place: tuple[int, int]) -> int:
    """Puts the rows of a (date, partition) into S3; how many there are."""
    number, partition = place
    day = FIRST + timedelta(days=number)
    store = aws.s3(aws.AwsSettings(aws_endpoint_url_s3=endpoint))
    chance = np.random.default_rng(place)

    def put(key: str, body: bytes) -> None:
        store.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata={layout.LAST: "0"})

    mine = np.arange(partition, people, PARTITIONS)
    each = max(1, FILE_ROWS // len(mine))
    made = 0
    for first in range(0, of, each):
        table = rows(chance, day, partition, mine, first, min(each, of - first), of)
        source = Source(READINGS.name, "0" * 16, partition)
        start = (number * of + first) * len(mine)
        # In the table's order already.
        put(
            layout.object_key(READINGS_TABLE.folder, source, start, day), files.written(READINGS_TABLE, table)
        )
        made += table.num_rows
    worn = {"device_id": names("BSM_", mine), "user_id": names("user_", mine)}
    body = files.encoded(WEARERS_TABLE, pa.table(worn, schema=SCHEMAS[WEARERS_TABLE.folder]))
    put(layout.content_key(WEARERS_TABLE.folder, day, body), body)
    return made


@contextmanager
def own_s3(folder: Path) -> Iterator[int]:
    """SeaweedFS alone; its port."""
    ports = tuple(free_ports(s3.PORT_COUNT))
    server = s3.server(
        folder / "s3", folder / "logs", ports, KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"]
    )
    child = Child(server.command)
    try:
        child.wait_until(server.answers, server.timeout_s)
        yield ports[0]
    finally:
        child.stop()


def ask(what: str, sql: str, proxy: S3Proxy, total: int) -> None:
    settings = LakeSettings(lake_bucket=BUCKET, aws_endpoint_url_s3=f"http://{LOOPBACK}:{proxy.port}")
    proxy.counted_anew()
    began_s = time.perf_counter()
    with answered(sql, settings) as answer:
        found = sum(batch.num_rows for batch in answer)
    took_s = time.perf_counter() - began_s
    count = proxy.counted_anew()
    share = count.body_bytes / total * 100
    print(
        f"  {what:52s} {took_s:7.2f} s  {count.body_bytes / 1e6:9.2f} MB ({share:7.3f} % of the lake)"
        f"  {len(count.objects):6d} objects  {sum(count.requests.values()):6d} requests  {found:8d} rows",
        flush=True,
    )


def ask_all(proxy: S3Proxy, total: int, days: int, people: int) -> None:
    day = FIRST + timedelta(days=days // 2)
    someone = f"user_{people // 3:06d}"
    where = f"user_id = '{someone}' AND date = '{day}'"
    ask(
        "a person's day: time and heart rate",
        f"SELECT timestamp, heart_rate FROM iot_data WHERE {where}",
        proxy,
        total,
    )
    ask("a person's day: every column", f"SELECT * FROM iot_data WHERE {where}", proxy, total)
    week = f"user_id = '{someone}' AND date BETWEEN '{day}' AND '{day + timedelta(days=6)}'"
    ask(
        "a person's week: time and heart rate",
        f"SELECT timestamp, heart_rate FROM iot_data WHERE {week}",
        proxy,
        total,
    )
    hourly = "SELECT date_trunc('hour', {at}) AS h, avg({hr}), count(*) FROM {table} {where} GROUP BY h"
    ask(
        "everybody, a day, hourly averages (iot_data)",
        hourly.format(at="timestamp", hr="heart_rate", table="iot_data", where=f"WHERE date = '{day}'"),
        proxy,
        total,
    )
    ask(
        "everybody, all dates, hourly averages (files)",
        hourly.format(at="measured_at", hr="heart_rate_bpm", table="readings", where=""),
        proxy,
        total,
    )


def merge(endpoint: str, days: Iterable[int]) -> None:
    variables = os.environ | {"AWS_ENDPOINT_URL_S3": endpoint, "LAKE_BUCKET": BUCKET, "COMPACT_GRACE_S": "0"}
    began_s = time.perf_counter()

    def merged(number: int) -> None:
        day = str(FIRST + timedelta(days=number))
        command = [sys.executable, "-m", "parquet_sink.compact", "--date", day]
        subprocess.run(command, env=variables, check=True, stdout=subprocess.DEVNULL)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(merged, days))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"merged in {time.perf_counter() - began_s:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of CPU,"
        f" {used.ru_maxrss / 1024:.0f} MB at most",
        flush=True,
    )


def size(endpoint: str) -> int:
    store = aws.s3(aws.AwsSettings(aws_endpoint_url_s3=endpoint))
    pages = store.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    sizes = [one["Size"] for page in pages for one in page.get("Contents", [])]
    print(f"{len(sizes)} objects, {sum(sizes) / 1e9:.3f} GB", flush=True)
    return sum(sizes)


def main(given: argparse.Namespace) -> None:
    os.environ |= KEYS
    of = max(1, given.rows // given.days // given.people)
    with tempfile.TemporaryDirectory(prefix="bench-lake-") as own, own_s3(Path(given.folder or own)) as port:
        endpoint = f"http://{LOOPBACK}:{port}"
        if given.step in ("all", "fill"):
            generate(endpoint, given.people, of, given.only)
        if given.step in ("all", "ask"):
            ask_step(port, given)
        if given.step in ("all", "merge"):
            merge(endpoint, given.only)
        if given.step == "all":
            ask_step(port, given)


def generate(endpoint: str, people: int, of: int, days: range) -> None:
    store = aws.s3(aws.AwsSettings(aws_endpoint_url_s3=endpoint))
    bucket.make(store, BUCKET, "eu-central-1")
    began_s = time.perf_counter()
    places = [(number, partition) for number in days for partition in range(PARTITIONS)]
    with ProcessPoolExecutor(2) as pool:
        count = sum(pool.map(partial(fill, endpoint, people, of), places))
    print(
        f"{count:,} rows of {people} people on {len(days)} dates, made in {time.perf_counter() - began_s:.0f} s",
        flush=True,
    )


def ask_step(port: int, given: argparse.Namespace) -> None:
    print(f"{datetime.now(UTC):%H:%M}, load {os.getloadavg()[0]:.0f}")
    total = size(f"http://{LOOPBACK}:{port}")
    with s3_proxy(port) as proxy:
        ask_all(proxy, total, given.days, given.people)


def dates(text: str) -> range:
    """`3-7` as the numbers of dates."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000_000, help="on all the days together")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--folder", help="keep S3's data here")
    parser.add_argument("--step", choices=["all", "fill", "ask", "merge"], default="all")
    parser.add_argument("--only", type=dates, help="these dates of all days, counted from 0")
    asked = parser.parse_args()
    asked.only = asked.only or range(asked.days)
    main(asked)
