"""`python -m benchmarks.scale`: rewrites what stands between the markers of docs/scale.md. `--check`: only says whether it would."""

import re
import sys
from pathlib import Path

from benchmarks.figures import newest, prices, results
from benchmarks.scale import tables
from benchmarks.scale.needs import Assumed, Kind, Needs, needs
from benchmarks.scale.sizes import MEANT, Row, Size, rows, sizes
from iot_simulator.profiles import Profile, parts, rate_per_s
from mqtt_bridge.raw import Raw, outcome
from wardstream.contracts import wire
from wardstream.contracts.reading import Reading
from wardstream.contracts.topics import READINGS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "scale.md"
_GOLDEN = ROOT / "tests" / "golden"
_DEVICES: dict[Profile, str] = {
    "bedside": "golden-monitor-7",
    "packet": "golden-band-3",
    "native": "golden-watch-9",
}
_BETWEEN = re.compile(r"(<!-- begin (?P<name>[a-z]+) -->).*?(<!-- end (?P=name) -->)", re.DOTALL)


def rewritten(page: str) -> str:
    """The page with its tables made anew. `KeyError` if it has a marker that nothing here fills."""
    made = _tables()
    return _BETWEEN.sub(lambda found: f"{found[1]}\n{made[found['name']]}\n{found[3]}", page)


def _tables() -> dict[str, str]:
    a, listed = Assumed(), prices()
    wanted = {kind: _needs(kind, a) for kind in map(_kind, _DEVICES)}
    return {
        "needs": tables.needed(wanted),
        "sizes": tables.sized({name: fitted(name, size) for name, size in sizes().items()}),
        "costs": tables.costs(wanted, a, listed),
        "measured": tables.measured(results().values()),
        "prices": tables.listed(listed),
        "assumed": tables.assumed(a),
    }


def fitted(name: str, size: Size) -> list[Row]:
    """What the devices that the size `name` is meant for ask of it."""
    kind = _kind(MEANT[name].kind)
    needed = _needs(kind, size.assumed(MEANT[name].devices))
    return rows(size, kind, needed, _kind("native"), newest(), prices())


def _needs(kind: Kind, a: Assumed) -> Needs:
    anomaly_bytes = len((_GOLDEN / "anomaly_v1.json").read_bytes())
    return needs(kind, newest(), (READINGS.retention_ms or 0) / 1000, anomaly_bytes, a)


def _kind(profile: Profile) -> Kind:
    """Its rate as the simulator has it, and the sizes of its records as the golden files and the bridge have them."""
    value = (_GOLDEN / "device_raw" / f"{profile}.json").read_bytes()
    reading = outcome(Raw(_DEVICES[profile].encode(), value, 0), {})
    if not isinstance(reading, Reading):
        raise TypeError(f"the golden file of {profile} is refused: {reading.reason}")
    return Kind(profile, rate_per_s(parts(profile, None)), len(value), len(wire.encode(reading)))


if __name__ == "__main__":
    before = PAGE.read_text()
    after = rewritten(before)
    if "--check" in sys.argv:
        sys.exit(before != after)
    PAGE.write_text(after)
