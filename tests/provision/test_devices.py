"""A registry file is taken whole or not at all."""

from pathlib import Path

import pytest

from wardstream.contracts.device import Device
from wardstream.provision import devices
from wardstream.runtime.failure import CannotRun


def test_columns_that_are_empty_take_their_defaults(tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text("device_id,user_id,ward,bed,zone\nmonitor-1,anna,B2,4,Europe/Berlin\nmonitor-2,bert,,,\n")

    read = devices.read(file)

    assert read == [
        Device(device_id="monitor-1", user_id="anna", ward="B2", bed="4", zone="Europe/Berlin"),
        Device(device_id="monitor-2", user_id="bert"),
    ]


def test_every_fault_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text(
        "device_id,user_id,zone\nok,anna,UTC\nwith/slash,bert,UTC\nmonitor-3,,UTC\nmonitor-4,dora,Mars/Base\n"
    )

    with pytest.raises(CannotRun) as refused:
        devices.read(file)

    for line in ("line 3", "line 4", "line 5"):
        assert line in str(refused.value)
    assert "line 2" not in str(refused.value)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="cannot read"):
        devices.read(tmp_path / "none.csv")
