"""Two people whose readings go the whole way on the real servers, and a look everywhere at what is left of each."""

import io
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq

from tests.groups import skip_what_is_there
from tests.scoring.made import reading
from tests.stream_processor.processing import Group
from tests.stream_processor.topics import Record, write, write_readings
from wardstream.contracts import wire
from wardstream.contracts.device import Device
from wardstream.contracts.partitions import partition_of
from wardstream.contracts.reading import Reading
from wardstream.contracts.tables import ALARM_TABLE, ANOMALY_TABLE
from wardstream.contracts.topics import ALARMS, ANOMALIES, DEVICES, READINGS, USER_MODELS
from wardstream.contracts.user_model import UserModel, Usual
from wardstream.lake import source
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child
from wardstream.local.services import environment, service, start_ready
from wardstream.person.journal import Journals
from wardstream.person.settings import PersonSettings
from wardstream.repartition.reading import reader
from wardstream.report.kafka import lag
from wardstream.runtime import aws
from wardstream.runtime.kafka import partitions_of

_MAIN = "from wardstream.cli import app; app()"
_TIMEOUT_S = 150.0
DAY_S = 86_400


def until(condition: Callable[[], bool], what: str, timeout_s: float = _TIMEOUT_S) -> None:
    """Waits for `condition`; fails the test, saying `what` it waited for, when time is up."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, f"waited {timeout_s:g} s for {what}"
        time.sleep(0.02)


class Household:
    """Topics are shared with other tests; groups, bucket, people and devices are this test's own."""

    def __init__(self, servers: Addresses, folder: Path) -> None:
        token = uuid.uuid4().hex[:8]
        self.people = (f"ada-{token}", f"bob-{token}")
        self.devices = dict(zip(self.people, (f"monitor-1-{token}", f"monitor-2-{token}"), strict=True))
        self.servers = servers
        self.bucket = f"lake-{token}"
        self._processors = Group(servers, folder)
        self.own = {
            "PROCESSOR_GROUP": self._processors.name,
            "SINK_GROUP": f"sink-{token}",
            "STORE_GROUP": f"store-{token}",
            "LAKE_BUCKET": self.bucket,
            "FLUSH_INTERVAL_S": "0.3",
            # The readings are of 2025: with the default DynamoDB would be removing their anomalies by now.
            "ANOMALY_TTL_DAYS": "36500",
            "ERASE_SETTLE_S": "0.1",
            "ERASE_PATIENCE_S": str(_TIMEOUT_S),
        }
        self._folder = folder
        self._children: list[Child] = []
        self.settings = PersonSettings(
            kafka_bootstrap=servers.kafka_bootstrap,
            aws_endpoint_url_s3=servers.s3_endpoint,
            aws_endpoint_url_dynamodb=servers.dynamodb_endpoint,
            aws_region=servers.region,
            lake_bucket=self.bucket,
            processor_group=self._processors.name,
            sink_group=self.own["SINK_GROUP"],
            store_group=self.own["STORE_GROUP"],
        )
        self._s3 = aws.s3(self.settings)
        self._dynamodb = aws.dynamodb(self.settings)
        self.journals = Journals(source.bucket(self.settings))

    def start(self) -> None:
        """An empty lake, and everything that carries readings to where they stay."""
        self._s3.create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        skip_what_is_there(
            self.settings, self.own["SINK_GROUP"], (READINGS.name, ANOMALIES.name, ALARMS.name)
        )
        skip_what_is_there(self.settings, self.own["STORE_GROUP"], (ANOMALIES.name, ALARMS.name))
        self._processors.start()
        for module in ("parquet_sink", "alarm_store"):
            made = service(module, self.servers, self._folder, settings=self.own)
            self._children.append(start_ready(made, _TIMEOUT_S))

    def stop(self) -> None:
        self._processors.stop()
        for child in self._children:
            child.stop()

    def introduce(self) -> None:
        """A device and a model for each."""
        write(
            self.servers, [Record(DEVICES.name, self.devices[one], self._device(one)) for one in self.people]
        )
        write(self.servers, [Record(USER_MODELS.name, one, _model(one)) for one in self.people])

    def _device(self, user: str) -> bytes:
        return wire.encode(Device(device_id=self.devices[user], user_id=user))

    def say(self, burst: int, count: int = 40) -> None:
        """Readings of both, on two dates, some of them dangerous; waits until they are in the lake."""
        before = len(self.rows())
        said = [self.reading(user, burst * count + n) for n in range(count) for user in self.people]
        write_readings(self.servers, said)
        until(lambda: len(self.rows()) == before + len(said), "the readings in the lake")

    def reading(self, user: str, number: int) -> Reading:
        """One reading; every other one a day later."""
        made = reading(
            1000 + number * 10 + (number % 2) * DAY_S,
            user=user,
            heart_rate_bpm=140.0 if number % 20 < 14 else 70.0,
            spo2_pct=96.0,
            systolic_mmhg=120.0,
            diastolic_mmhg=80.0,
        )
        return msgspec.structs.replace(made, device_id=self.devices[user])

    def is_at_rest(self) -> bool:
        """Whether everything said is scored, and everything scored is where it stays."""
        scored = [(self._processors.name, topic) for topic in (USER_MODELS, READINGS)]
        kept = [(self.own["SINK_GROUP"], topic) for topic in (READINGS, ANOMALIES, ALARMS)]
        stored = [(self.own["STORE_GROUP"], topic) for topic in (ANOMALIES, ALARMS)]
        return all(lag(self.settings, group, topic) == 0 for group, topic in [*scored, *kept, *stored])

    def objects(self) -> list[str]:
        """Every object of the bucket."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def body(self, key: str) -> bytes:
        return self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def claims(self) -> dict[str, dict[str, str]]:
        """The metadata of every file of the lake."""
        return {
            key: self._s3.head_object(Bucket=self.bucket, Key=key)["Metadata"]
            for key in self.objects()
            if key.endswith(".parquet")
        }

    def rows(self, user: str | None = None, table: str = "readings") -> list[dict[str, Any]]:
        """The rows of every file of a table, of one person or of all, repeats included."""
        found: list[dict[str, Any]] = []
        for key in self.objects():
            if key.startswith(f"{table}/") and key.endswith(".parquet"):
                rows = pq.read_table(io.BytesIO(self.body(key))).to_pylist()
                found += [one for one in rows if user in (None, one["user_id"])]
        return sorted(found, key=repr)

    def items(self, user: str) -> list[dict[str, Any]]:
        """Every item of both tables that names the person, anywhere."""
        found = [
            item
            for table in (ANOMALY_TABLE, ALARM_TABLE)
            for page in self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
            for item in page["Items"]
        ]
        return sorted((dict(one) for one in found if user in repr(one)), key=repr)

    def newest(self, topic: str, key: str) -> bytes | None:
        """The newest value of a key of a compacted topic."""
        with reader(self.settings, "look") as there:
            partition = partition_of(key.encode(), partitions_of(there.client, topic))
            return there.newest(topic, partition).get(key.encode())

    def left_of(self, user: str) -> dict[str, Any]:
        """Everything live that is about one person."""
        lake = {table: self.rows(user, table) for table in ("readings", "anomalies", "alarms", "wearers")}
        return lake | {
            "items": self.items(user),
            "device": self.newest(DEVICES.name, self.devices[user]),
            "model": self.newest(USER_MODELS.name, user),
            "state": self.newest(f"{self._processors.name}-state", user),
        }

    def command(self, *arguments: str, **more: str) -> "subprocess.Popen[str]":
        """`wardstream` with these arguments, running."""
        return subprocess.Popen(
            [sys.executable, "-c", _MAIN, *arguments],
            env=environment(self.servers) | self.own | more,
            cwd=self._folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **more: str) -> str:
        """What `wardstream` says, which must succeed."""
        said, faults = self.command(*arguments, **more).communicate(timeout=_TIMEOUT_S)
        assert said, faults
        return said


def _model(user: str) -> bytes:
    usual = {"heart_rate_bpm": Usual(mean=70.0, spread=8.0, readings=500)}
    return wire.encode(UserModel(user_id=user, version=1, fitted_at_us=0, usual=usual))


@contextmanager
def household(servers: Addresses, folder: Path) -> Iterator[Household]:
    """Two people and the services about them, which end with the block."""
    made = Household(servers, folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
