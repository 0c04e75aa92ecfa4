"""The log as files: concurrent, killed, tampered with, and about nobody once they are forgotten."""

import multiprocessing
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from wardstream.audit.log import AuditLog
from wardstream.cli import app
from wardstream.cli import audit as speaking
from wardstream.person.deeds import Deed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's log is, for the command line too."""
    monkeypatch.setenv("AUDIT_FOLDER", str(tmp_path / "audit"))
    return tmp_path / "audit"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def _writes(folder: Path, name: str) -> None:
    log = AuditLog(folder)
    for number in range(20):
        log.record("queried", name, [f"person-{number}"])


def test_processes_that_write_at_once_make_one_whole_log(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_writes, args=(folder, f"writer-{n}")) for n in range(3)]

    for each in writers:
        each.start()
    for each in writers:
        each.join()

    found = AuditLog(folder).verify()
    assert found.faults == ()
    assert found.head.lines == 60


@pytest.mark.slow
def test_a_log_whose_writer_is_killed_again_and_again_stays_whole(folder: Path) -> None:
    said = 0
    program = (
        "import sys\nfrom pathlib import Path\nfrom wardstream.audit.log import AuditLog\n"
        f"log = AuditLog(Path({str(folder)!r}))\n"
        "while True:\n print(log.record('queried', 'killed', ['anna']).lines, flush=True)\n"
    )

    for kill in range(6):
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(3 + 7 * kill):
                said = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)

    found = AuditLog(folder).verify()
    assert found.faults == ()
    # What was confirmed is there; at most what was under way at each kill besides.
    assert found.head.lines >= said


def test_a_torn_line_is_cut_off_before_the_next(folder: Path) -> None:
    log = AuditLog(folder)
    log.record("queried", "anna")
    with (folder / "audit.log").open("ab") as file:
        file.write(b"0123 {")

    log.record("queried", "berta")

    found = log.verify()
    assert (found.head.lines, found.faults, found.notes) == (2, (), ())


def test_nothing_in_the_log_names_the_person(folder: Path) -> None:
    AuditLog(folder).record("exported", "dr-2", ["anna-b"])

    text = (folder / "audit.log").read_text()

    assert "anna" not in text
    assert "dr-2" in text


def test_who_is_forgotten_is_found_no_more_and_no_line_changes(folder: Path) -> None:
    log = AuditLog(folder)
    log.record("exported", "dr-2", ["anna"])
    log.record("exported", "dr-2", ["berta"])
    before = (folder / "audit.log").read_bytes()

    log.forget("anna")

    assert (folder / "audit.log").read_bytes() == before
    assert log.about("anna") == []
    assert len(log.about("berta")) == 1
    assert log.verify().faults == ()
    # Somebody new under the same id is not joined with who was forgotten.
    log.record("exported", "dr-2", ["anna"])
    assert len(log.about("anna")) == 1


def test_an_erasure_is_recorded_and_then_forgets_whom_it_was_about(folder: Path) -> None:
    told = speaking.about("anna")

    told(Deed.of("erasure_begun", "anna", request="r1"))
    speaking.of_person(Deed.of("erasure_done", "anna", request="r1"))

    entries = AuditLog(folder).about()
    assert [each.what for each in entries] == ["erasure_begun", "erasure_done"]
    assert entries[0].subjects == entries[1].subjects != ()
    assert AuditLog(folder).people() == ()


def test_keys_and_log_are_for_their_owner_alone(folder: Path) -> None:
    AuditLog(folder).record("queried", "anna", ["berta"])

    modes = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}

    assert modes["keys.json"] == modes["audit.log"] == 0o600


def test_the_command_line_finds_a_removed_an_altered_and_a_missing_last_line(folder: Path) -> None:
    log, file = AuditLog(folder), folder / "audit.log"
    for number in range(4):
        log.record("queried", f"nurse-{number}")
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)

    said = {"whole": run("audit", "verify")}
    for name, left in (
        ("removed", lines[:1] + lines[2:]),
        ("altered", [lines[0].replace(b"nurse-0", b"nurse-9"), *lines[1:]]),
        ("missing at the end", lines[:3]),
    ):
        file.write_bytes(b"".join(left))
        said[name] = run("audit", "verify")

    assert {name: each.exit_code for name, each in said.items()} == {
        "whole": 0,
        "removed": 1,
        "altered": 1,
        "missing at the end": 1,
    }
    assert "the end is missing" in said["missing at the end"].output


def test_a_head_noted_elsewhere_finds_a_log_whose_own_head_was_rewritten(folder: Path) -> None:
    log = AuditLog(folder)
    for _ in range(3):
        log.record("queried", "anna")
    noted = run("audit", "head").output.strip()
    lines = (folder / "audit.log").read_bytes().splitlines(keepends=True)
    (folder / "audit.log").write_bytes(b"".join(lines[:2]))
    (folder / "head.json").write_bytes(msgspec.json.encode(log.head()))

    assert run("audit", "verify").exit_code == 0
    assert run("audit", "verify", "--head", noted).exit_code == 1


def test_a_certificate_is_issued_on_the_record(folder: Path, tmp_path: Path) -> None:
    certs = ("--folder", str(tmp_path / "certs"))

    run("certs", "init", *certs)
    run("certs", "issue", "device_1", *certs)
    run("certs", "revoke", "device_1", *certs)

    assert [each.what for each in AuditLog(folder).about("device_1")] == [
        "certificate_issued",
        "certificate_revoked",
    ]


def test_what_can_not_be_recorded_is_not_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AUDIT_FOLDER", str(tmp_path / "file" / "audit"))

    said = run("certs", "init", "--folder", str(tmp_path / "certs"))

    assert said.exit_code == 1
    assert "nothing is done unrecorded" in said.output
    assert not (tmp_path / "certs").exists()


def test_a_question_is_recorded_with_whom_it_names_and_without_its_words() -> None:
    sql = "SELECT * FROM iot_data WHERE user_id = 'anna' OR device_id='d''1' OR name = 'x'"

    assert speaking.named(sql) == ["anna", "d'1"]
