"""What the receipt says of a journal."""

from wardstream.person.deeds import subject
from wardstream.person.journal import Expiry, Found, Frozen, Journal
from wardstream.person.receipt import receipt, text

JOURNAL = Journal(
    request="r1",
    subject=subject("ann", "r1"),
    opened_at="2025-11-09T00:00:00+00:00",
    user_id=None,
    devices=("monitor-7",),
    readings_before=4,
    forgotten_at=2,
    anomalies=3,
    alarms=1,
    found=(
        Found("readings/date=2025-11-08/a.parquet", 20),
        Found("readings/date=2025-11-09/b.parquet", 5),
        Found("anomalies/date=2025-11-09/c.parquet", 3),
    ),
    rewritten=3,
    frozen=(),
    expires=(Expiry("Kafka topic readings", "2025-11-23T00:00:00+00:00", "retention"),),
    done_at="2025-11-09T00:01:00+00:00",
)


def test_rows_and_files_are_counted_by_table() -> None:
    said = receipt(JOURNAL)

    assert said.rows == {"anomalies": 3, "readings": 25}
    assert said.files == {"anomalies": 1, "readings": 2}
    assert said.is_done


def test_people_read_what_was_removed_and_what_ends_when() -> None:
    said = text(receipt(JOURNAL))

    assert "Erasure r1: done 2025-11-09T00:01:00+00:00" in said
    assert "lake, readings: 25 rows in 2 files" in said
    assert "Kafka topic readings: 2025-11-23T00:00:00+00:00 (retention)" in said
    assert "ann" not in said


def test_what_is_cold_or_never_ends_is_said_loudly() -> None:
    waiting = JOURNAL.but(
        done_at=None,
        frozen=(Frozen("readings/date=2025-01-01/a.parquet", 2 * 10**9, "GLACIER"),),
        expires=(Expiry("backups", "", "nobody knows"),),
    )

    said = text(receipt(waiting))

    assert "NOT DONE YET" in said
    assert "1 files in cold storage (2.000 GB)" in said
    assert "backups: NOTHING ENDS IT (nobody knows)" in said


def test_two_requests_about_one_person_cannot_be_joined() -> None:
    assert subject("ann", "r1") != subject("ann", "r2")
    assert subject("ann", "r1") == JOURNAL.subject
