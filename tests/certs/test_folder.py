"""The authorities' folder, and the command line that works on it."""

import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from typer.testing import CliRunner, Result

from wardstream.certs.folder import Certificates
from wardstream.cli import app
from wardstream.runtime.failure import CannotRun

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def made(tmp_path: Path) -> Certificates:
    certificates = Certificates(tmp_path / "certs")
    certificates.init(NOW)
    return certificates


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["certs", *arguments, "--folder", str(folder)])


def test_keys_are_for_their_owner_alone(made: Certificates) -> None:
    made.issue(["device_1"], "device", NOW)

    keys = list(made.path.rglob("*.key"))

    assert len(keys) == 3
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o700


def test_who_is_revoked_is_on_the_list_of_their_authority_and_shut_out_by_the_rules(
    made: Certificates,
) -> None:
    (first,) = made.issue(["device_1"], "device", NOW)

    made.revoke("device_1", "device", NOW)

    listed = x509.load_pem_x509_crl((made.path / "devices" / "crl.pem").read_bytes())
    others = x509.load_pem_x509_crl((made.path / "services" / "crl.pem").read_bytes())
    assert [f"{each.serial_number:x}" for each in listed] == [first.serial]
    assert len(others) == 0
    assert "user device_1\ntopic deny #" in (made.path / "rules" / "devices.acl").read_text()


def test_a_new_certificate_lifts_the_denial_except_on_websockets(made: Certificates) -> None:
    made.issue(["device_1"], "device", NOW, days=10)
    made.revoke("device_1", "device", NOW)

    made.issue(["device_1"], "device", NOW)

    denials = {
        name: "topic deny" in (made.path / "rules" / f"{name}.acl").read_text()
        for name in ("devices", "websocket")
    }
    assert denials == {"devices": False, "websocket": True}
    made.issue(["device_2"], "device", NOW + timedelta(days=11))
    assert "topic deny" not in (made.path / "rules" / "websocket.acl").read_text()


def test_one_replica_is_revoked_and_the_other_is_not(made: Certificates) -> None:
    for replica in ("1", "2"):
        made.issue(["mqtt_bridge"], "service", NOW, replica=replica)

    made.revoke("mqtt_bridge", "service", NOW, "1")

    assert [(each.replica, each.revoked_at) for each in made.listed()] == [("1", NOW), ("2", None)]


def test_authorities_are_not_made_over_others(made: Certificates) -> None:
    with pytest.raises(CannotRun, match="already"):
        made.init(NOW)


def test_issuing_at_once_loses_nobody(made: Certificates) -> None:
    threads = [threading.Thread(target=made.issue, args=([f"d{n}"], "device", NOW)) for n in range(8)]

    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert {each.name for each in made.listed()} == {f"d{n}" for n in range(8)}


def test_the_command_line_issues_lists_and_revokes_and_prints_no_key(tmp_path: Path) -> None:
    folder = tmp_path / "certs"

    said = [
        run(folder, "init"),
        run(folder, "issue", "device_1", "device_2"),
        run(folder, "revoke", "device_2"),
        run(folder, "list"),
    ]

    assert [each.exit_code for each in said] == [0, 0, 0, 0]
    assert "revoked" in said[-1].output
    assert "PRIVATE" not in "".join(each.output for each in said)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("issue", "device_1"), "run `wardstream certs init`"),
        (("revoke", "device_1"), "run `wardstream certs init`"),
        (("list",), "run `wardstream certs init`"),
    ],
)
def test_without_authorities_one_line_says_what_to_do(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    said = run(tmp_path / "none", *arguments)

    assert said.exit_code == 1
    assert says in said.output
    assert "Traceback" not in said.output


def test_a_broken_authority_is_one_sentence_and_repeats_nothing_of_the_key(made: Certificates) -> None:
    key = made.path / "devices" / "ca.key"
    key.write_text("-----BEGIN PRIVATE KEY-----\nsecret-words\n-----END PRIVATE KEY-----\n")

    said = run(made.path, "issue", "device_1")

    assert said.exit_code == 1
    assert "can't be used" in said.output
    assert "secret-words" not in said.output
