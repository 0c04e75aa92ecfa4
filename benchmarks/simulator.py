"""How many devices one simulator process carries: `python benchmarks/simulator.py [--devices 10000] [--duration 60]`.

Starts a Mosquitto of its own on loopback, with nobody subscribed, and one simulator against it without TLS. Prints the
rate held, how far it fell behind its schedule, its largest resident memory, and the processor time that a message costs
at both ends. Whatever else the machine does at the time shows in the schedule first and in the processor time least.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil

from iot_simulator.tally import Summary
from wardstream.local import mosquitto
from wardstream.local.ports import accepts, free_ports


@contextmanager
def broker(folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """A Mosquitto that accepts connections: its port and process."""
    (port,) = free_ports(1)
    file = folder / "mosquitto.conf"
    file.write_text(mosquitto.settings(port, str(folder), user="user root"))
    started = subprocess.Popen([mosquitto.binary(), "-c", str(file)], stderr=subprocess.DEVNULL)
    try:
        while not accepts(port):
            if started.poll() is not None:
                raise SystemExit("Mosquitto did not start")
        yield port, psutil.Process(started.pid)
    finally:
        started.terminate()
        started.wait()


def cpu_s(process: psutil.Process) -> float:
    """Processor time so far, user and system."""
    times = process.cpu_times()
    return float(times.user + times.system)


def watched(command: list[str]) -> float:
    """Runs the simulator to its end; its processor time."""
    with subprocess.Popen(command) as simulator:
        process = psutil.Process(simulator.pid)
        spent_s = 0.0
        while simulator.poll() is None:
            spent_s = cpu_s(process)
            psutil.cpu_percent(interval=0.2)
    if simulator.returncode != 0:
        raise SystemExit(f"the simulator ended with {simulator.returncode}")
    return spent_s


def main() -> None:
    """Runs once and prints."""
    wanted = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    wanted.add_argument("--devices", default="10000")
    wanted.add_argument("--connections", default="1000")
    wanted.add_argument("--duration", default="60")
    wanted.add_argument("--profile", default="bedside")
    wanted.add_argument("--with-ledger", action="store_true", help="also write every message's id")
    given = wanted.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="wardstream-bench-") as name,
        broker(Path(name)) as (port, server),
    ):
        summary_file = Path(name) / "summary.json"
        command = [sys.executable, "-m", "iot_simulator", "--port", str(port), "--summary", str(summary_file)]
        for option in ("devices", "connections", "duration", "profile"):
            command += [f"--{option}", getattr(given, option)]
        if given.with_ledger:
            command += ["--ledger", str(Path(name) / "ledger.jsonl")]
        simulator_s = watched(command)
        broker_s = cpu_s(server)
        summary = msgspec.json.decode(summary_file.read_bytes(), type=Summary)
    print(f"devices {summary.devices:,} on {summary.connections:,} connections, {summary.seconds:.1f} s")
    print(f"rate held              {summary.rate_per_s:>10,.0f} messages/s")
    print(f"behind schedule        {summary.worst_behind_s:>10.2f} s at worst")
    print(f"acknowledged           {summary.acknowledged:>10,} of {summary.published:,}")
    print(f"resident memory        {summary.resident_mib:>10,.0f} MiB at most")
    print(f"processor time         {simulator_s / summary.published * 1e6:>10.1f} us a message (simulator)")
    print(f"                       {broker_s / summary.published * 1e6:>10.1f} us a message (broker)")


if __name__ == "__main__":
    main()
