"""What devices said that became the golden files of `device-raw`."""

from pathlib import Path
from typing import NamedTuple

GOLDEN = Path(__file__).parent.parent / "golden" / "device_raw"
RECEIVED_AT_US = 1_762_597_425_200_000


class Said(NamedTuple):
    """A message, and what the rule writes of it."""

    device_id: str
    payload: bytes
    file: str

    @property
    def written(self) -> bytes:
        """The record's value."""
        return (GOLDEN / self.file).read_bytes()


SAID = (
    Said(
        "golden-monitor-7",
        b'{"deviceid": "golden-monitor-7", "timestamp": "2025-11-08 10:23:45.123456", '
        b'"datatype": "Temperature", "value": 98.6}',
        "bedside.json",
    ),
    Said(
        "golden-band-3",
        b'{"device_id": "golden-band-3", "timestamp": "2025-11-08T10:23:45.123456Z", "heart_rate": 72, '
        b'"blood_pressure": "120/80", "temperature": 98.4}',
        "packet.json",
    ),
    Said(
        "golden-watch-9",
        b'{"v": 1, "device_id": "golden-watch-9", "boot": 3, "seq": 41, '
        b'"measured_at": "2025-11-08T10:23:45.123456Z", "heart_rate_bpm": 72, "spo2_pct": 97, "on_body": true, '
        b'"gcs": 15}',
        "native.json",
    ),
)
