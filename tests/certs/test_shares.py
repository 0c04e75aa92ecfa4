"""What each container is handed: enough to do its work, and nothing of anybody else's."""

import ssl
import stat
from pathlib import Path

from typer.testing import CliRunner, Result

from wardstream.cli import app
from wardstream.contracts.access import SERVICES


def hand_out(folder: Path, devices: int = 2) -> Result:
    certs, to = folder / "authority", folder / "shares"
    return CliRunner().invoke(
        app, ["certs", "hand-out", "--folder", str(certs), "--to", str(to), "--devices", str(devices)]
    )


def files(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_each_container_gets_its_own_and_no_share_holds_an_authoritys_key(tmp_path: Path) -> None:
    done = hand_out(tmp_path)

    found = files(tmp_path / "shares")
    keys = {name for name in found if name.endswith((".key", ".pem")) and "crl" not in name}

    assert done.exit_code == 0, done.output
    assert keys == {
        "acker/own.key",
        "broker/broker/broker.key",
        "broker/monitor/own.key",
        "devices/device/device_0.key",
        "devices/device/device_1.key",
        "kafka/keystore.pem",
        "mqtt_bridge/own.key",
    }
    authorities = {
        (tmp_path / "authority" / name / "ca.key").read_bytes() for name in ("devices", "services")
    }
    assert not [name for name, content in found.items() if any(key in content for key in authorities)]
    assert found["users/alarm_store"] == found["alarm_store/kafka_password"]
    assert len({found[name] for name in found if name.startswith("users/")}) == len(SERVICES)


def test_a_key_is_read_by_its_group_and_by_nobody_else(tmp_path: Path) -> None:
    hand_out(tmp_path)

    files = [each for each in (tmp_path / "shares").rglob("*") if each.is_file()]

    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o640}


def test_a_share_is_enough_to_speak_tls(tmp_path: Path) -> None:
    hand_out(tmp_path)
    own = tmp_path / "shares" / "mqtt_bridge"

    context = ssl.create_default_context(cafile=str(own / "ca.crt"))
    context.load_cert_chain(own / "own.crt", own / "own.key")

    assert len(context.get_ca_certs()) == 1


def test_handing_out_again_changes_nothing_but_adds_who_is_new(tmp_path: Path) -> None:
    hand_out(tmp_path)
    before = files(tmp_path / "shares")

    hand_out(tmp_path, devices=3)
    after = files(tmp_path / "shares")

    changed = {name for name in before if after[name] != before[name]}
    # The lists are made anew at every issuing.
    assert changed == {"broker/devices/crl.pem", "broker/services/crl.pem"}
    assert after.keys() - before.keys() == {"devices/device/device_2.crt", "devices/device/device_2.key"}


def test_where_it_cannot_write_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "shares").write_text("in the way")

    refused = hand_out(tmp_path)

    assert refused.exit_code == 1
    assert "can't be handed out below" in refused.output
