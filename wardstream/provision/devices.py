"""The registry's rows from a CSV file onto the compacted topic `devices`."""

import csv
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from wardstream.contracts import wire
from wardstream.contracts.device import Device
from wardstream.contracts.topics import DEVICES
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import KafkaSettings, producer, require_topics

_CONFIRM_WITHIN_S = 30.0


def read(path: Path) -> list[Device]:
    """The devices in a CSV file with the columns device_id, user_id and optionally ward, bed, zone; or every fault at once."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"cannot read {path}: {error}") from error
    devices, faults = parse(rows)
    if faults:
        raise CannotRun(f"{path}: nothing registered\n  " + "\n  ".join(faults))
    return devices


def parse(rows: Iterable[dict[str, str]]) -> tuple[list[Device], list[str]]:
    """(devices, faults); a fault names its line (the header is line 1) and what is wrong."""
    devices: list[Device] = []
    faults: list[str] = []
    for line, row in enumerate(rows, start=2):
        try:
            device = msgspec.convert({name: text for name, text in row.items() if text}, Device)
            ZoneInfo(device.zone)
            devices.append(device)
        except msgspec.ValidationError as error:
            faults.append(f"line {line}: {error}")
        except (ZoneInfoNotFoundError, ValueError):
            faults.append(f"line {line}: zone is not an IANA time zone")
    return devices, faults


def register(settings: KafkaSettings, devices: Iterable[Device]) -> int:
    """Publishes the rows; returns how many Kafka confirmed. `CannotRun` if not all were."""
    require_topics(settings, {DEVICES.name: DEVICES.partitions})
    client = producer(settings)
    sent = 0
    for device in devices:
        client.produce(DEVICES.name, wire.encode(device), device.device_id)
        sent += 1
    if client.flush(_CONFIRM_WITHIN_S):
        raise CannotRun("Kafka did not confirm every row in time: register again, repeating is harmless")
    return sent
