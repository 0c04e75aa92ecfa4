"""What people and probes see of a run: the progress line, the metrics, and the closing words."""

import resource
import sys
from typing import TextIO

import msgspec

from iot_simulator import tally
from iot_simulator.fleet import Fleet
from iot_simulator.tally import Standing, Summary
from wardstream.runtime import metrics
from wardstream.runtime.health import Health

_TERMINAL_EVERY_S = 1
_FILE_EVERY_S = 10
_KIB_PER_MIB = 1024
_BYTES_PER_MIB = 1024 * 1024


class Reporter:
    """Told once a second. On a terminal the line is rewritten in place each second, elsewhere a new one comes each 10 s,
    and at once when the broker goes away or comes back.
    """

    def __init__(self, devices: int, broker: str, health: Health, out: TextIO = sys.stderr) -> None:
        self._devices = devices
        self._broker = broker
        self._health = health
        self._out = out
        self._in_place = out.isatty()
        self._seconds = 0
        self._shown = (0, 0, 0)
        self._was_connected = True
        self._counted = (0, 0)

    def second(self, fleet: Fleet) -> None:
        """A second has passed."""
        standing = Standing(
            devices=self._devices,
            connections=len(fleet.connections),
            connected=fleet.connected,
            queued=fleet.queued,
            behind_s=fleet.behind_s,
            broker=self._broker,
        )
        self._tell_probes(standing, fleet.tally)
        self._seconds += 1
        every_s = _TERMINAL_EVERY_S if self._in_place else _FILE_EVERY_S
        if self._seconds % every_s == 0 or self._has_turned(standing):
            seconds, published, acknowledged = self._shown
            elapsed_s = self._seconds - seconds
            self._show(tally.progress(standing, (published, acknowledged), fleet.tally, elapsed_s))
            self._shown = (self._seconds, fleet.tally.published, fleet.tally.acknowledged)

    def _has_turned(self, now: Standing) -> bool:
        """Whether the broker was lost or found. In the first second nobody can be connected yet."""
        turned = self._seconds > 1 and bool(now.connected) != self._was_connected
        self._was_connected = self._was_connected if self._seconds == 1 else bool(now.connected)
        return turned

    def _tell_probes(self, now: Standing, counts: tally.Tally) -> None:
        metrics.DEVICES_PUBLISHED.inc(counts.published - self._counted[0])
        metrics.DEVICES_ACKNOWLEDGED.inc(counts.acknowledged - self._counted[1])
        metrics.DEVICES_QUEUED.set(now.queued)
        self._counted = (counts.published, counts.acknowledged)
        self._health.beat()
        if now.connected:
            self._health.ready()
        else:
            self._health.not_ready(f"the broker at {self._broker}")

    def _show(self, line: str) -> None:
        if self._in_place:
            self._out.write(f"\r\x1b[K{line}")
        else:
            self._out.write(f"{line}\n")
        self._out.flush()

    def close(self, summary: Summary) -> None:
        """The last words."""
        self._out.write(("\n" if self._in_place else "") + tally.closing(summary) + "\n")
        self._out.flush()


def summary(fleet: Fleet, devices: int) -> Summary:
    """The figures of a run that is over."""
    counts = fleet.tally
    seconds = fleet.spoke_for_s
    return Summary(
        devices=devices,
        connections=len(fleet.connections),
        seconds=seconds,
        published=counts.published,
        acknowledged=counts.acknowledged,
        unacknowledged=fleet.under_way,
        queued=fleet.queued,
        refused=counts.refused,
        carried=counts.carried,
        owed=fleet.owed,
        resent=counts.resent,
        rate_per_s=counts.published / seconds if seconds else 0.0,
        worst_behind_s=counts.worst_behind_s,
        resident_mib=_resident_mib(),
    )


def as_json(figures: Summary) -> bytes:
    """The summary file's bytes."""
    return msgspec.json.format(msgspec.json.encode(figures)) + b"\n"


def _resident_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts KiB, macOS bytes.
    return peak / (_BYTES_PER_MIB if sys.platform == "darwin" else _KIB_PER_MIB)
