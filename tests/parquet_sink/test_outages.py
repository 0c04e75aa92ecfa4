"""S3 away, refusing or missing: nothing lost, nothing committed early, and one clear sentence where waiting won't help."""

import signal
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec
import psutil
import pytest

from tests.parquet_sink.gate import Gate, gate
from tests.parquet_sink.own_lake import OwnLake, until
from tests.parquet_sink.s3_proxy import Fault, s3_proxy
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child

pytestmark = pytest.mark.flow


@pytest.fixture
def s3_gate(servers: Addresses) -> Iterator[Gate]:
    """The way to S3, to be shut."""
    with gate(urlsplit(servers.s3_endpoint).port or 80) as made:
        yield made


def through(servers: Addresses, way: Gate) -> Addresses:
    return msgspec.structs.replace(servers, s3_endpoint=f"http://127.0.0.1:{way.port}")


def said(child: Child) -> str:
    return child.command.log.read_text()


def ends(child: Child) -> int | None:
    until(lambda: child.exit_code is not None, "the sink to end")
    return child.exit_code


def test_with_s3_away_nothing_is_committed_and_when_it_is_back_nothing_is_missing(
    lake: OwnLake, s3_gate: Gate
) -> None:
    lake.make_bucket().publish(lake.reading(n) for n in range(200))
    lake.sink(servers=through(lake.servers, s3_gate))
    until(lake.is_committed, "the sink to commit what was there")
    before = lake.committed()

    s3_gate.shut()
    lake.publish(lake.reading(n) for n in range(200, 600))
    until(lambda: "store_busy" in said(lake.sinks[0]), "the sink to notice")
    committed_meanwhile = lake.committed()
    s3_gate.open()
    until(lake.is_committed, "the sink to commit the rest")

    assert committed_meanwhile == before
    assert lake.places() == sorted(lake.in_topic())


def test_with_s3_away_memory_stays_bounded_and_it_keeps_its_place_in_the_group(
    lake: OwnLake, s3_gate: Gate
) -> None:
    lake.make_bucket().publish(lake.reading(n) for n in range(100))
    sink = lake.sink(servers=through(lake.servers, s3_gate), FLUSH_BYTES="200000")
    until(lake.is_committed, "the sink to commit what was there")

    s3_gate.shut()
    lake.publish(lake.reading(n) for n in range(100, 20_000))
    until(lambda: "store_busy" in said(sink), "the sink to notice")
    process = psutil.Process(sink.pid)
    grown = process.memory_info().rss
    until(lambda: said(sink).count("store_busy") > 4, "the sink to have waited a while")
    grown = process.memory_info().rss - grown
    s3_gate.open()
    until(lake.is_committed, "the sink to commit the rest")

    assert grown < 64 * 1024 * 1024
    assert "partitions_revoked" not in said(sink)
    assert lake.places() == sorted(lake.in_topic())


def test_asked_to_leave_with_s3_away_it_leaves_in_time_and_commits_nothing_of_it(
    lake: OwnLake, s3_gate: Gate
) -> None:
    lake.make_bucket()
    sink = lake.sink(servers=through(lake.servers, s3_gate))
    s3_gate.shut()
    lake.publish(lake.reading(n) for n in range(50))
    until(lambda: "store_busy" in said(sink), "the sink to notice")

    asked_s = time.monotonic()
    sink.send(signal.SIGTERM)
    code = ends(sink)

    assert code == 0
    assert time.monotonic() - asked_s < 10
    assert set(lake.committed().values()) == {0}


def test_a_missing_bucket_is_one_sentence(lake: OwnLake) -> None:
    sink = lake.unready_sink()

    code = ends(sink)

    assert code == 1
    last = said(sink).splitlines()[-1]
    assert (
        last
        == f"parquet_sink: S3 has no bucket {lake.bucket}: check LAKE_BUCKET or create it with `wardstream provision`"
    )
    assert "Traceback" not in said(sink)


def test_refused_credentials_are_one_sentence(lake: OwnLake) -> None:
    stranger = msgspec.structs.replace(lake.servers, access_key="stranger")
    sink = lake.make_bucket().unready_sink(servers=stranger)

    code = ends(sink)

    assert code == 1
    assert f"parquet_sink: S3 refuses our credentials for bucket {lake.bucket}" in said(sink)
    assert "Traceback" not in said(sink)


class Said:
    """What S3 says to every request, as long as the test wants it."""

    def __init__(self) -> None:
        self.fault: Fault | None = None

    def __call__(self, _method: str, _path: str) -> Fault | None:
        """A `Decide`."""
        return self.fault


@pytest.mark.long
def test_what_an_operator_must_mend_ends_it_with_one_sentence_and_a_full_s3_is_waited_for(
    lake: OwnLake,
) -> None:
    said_by_s3 = Said()
    published = 0
    with s3_proxy(urlsplit(lake.servers.s3_endpoint).port or 80, said_by_s3) as proxy:
        by = msgspec.structs.replace(lake.servers, s3_endpoint=f"http://127.0.0.1:{proxy.port}")
        sink = lake.make_bucket().sink("sink-0", servers=by)
        for number, (fault, sentence) in enumerate(
            [
                (Fault.ELSEWHERE, f"bucket {lake.bucket} is not in region {lake.servers.region}"),
                (Fault.DENIED, f"S3 refuses our credentials for bucket {lake.bucket}"),
                (Fault.NO_BUCKET, f"S3 has no bucket {lake.bucket}"),
            ],
            start=1,
        ):
            before = lake.committed()
            said_by_s3.fault = fault
            lake.publish(lake.reading(n) for n in range(published, published + 50))
            published += 50

            assert ends(sink) == 1
            assert said(sink).splitlines()[-1].startswith(f"parquet_sink: {sentence}")
            assert "Traceback" not in said(sink)
            assert lake.committed() == before

            said_by_s3.fault = None
            sink = lake.sink(f"sink-{number}", servers=by)
            until(lake.is_committed, "the sink to go on when it's mended")

        before = lake.committed()
        said_by_s3.fault = Fault.FULL
        lake.publish(lake.reading(n) for n in range(published, published + 50))
        until(lambda: "store_busy" in said(sink), "the sink to notice")
        assert lake.committed() == before
        said_by_s3.fault = None
        until(lake.is_committed, "the sink to go on when there is room")

    assert lake.places() == sorted(lake.in_topic())
