"""The whole pipeline on real servers, from devices to the lake, and the proof of what arrived."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from wardstream.contracts.device import Device
from wardstream.local import identity, services
from wardstream.local.addresses import Addresses
from wardstream.local.children import Child, held_back, stop_all
from wardstream.local.keeper import Keeper
from wardstream.local.servers import start_servers
from wardstream.provision import devices
from wardstream.report import survey
from wardstream.report.settings import ReportSettings
from wardstream.report.survey import Report
from wardstream.runtime.failure import CannotRun

RECORDED = Path(__file__).with_name("recorded") / "wearer_01_run.parquet"
RECORDED_S = 75 * 60
_WEARER = "wearer_01-watch"
_FLUSH_INTERVAL_S = 5.0
_SETTLE_TIMEOUT_S = 90.0
_TELL_EVERY_S = 10.0
_POLL_S = 0.2
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the demo does: simulated devices, for how long (0: until Ctrl-C), repeatable by `seed`, in `folder`."""

    devices: int
    duration_s: int
    seed: int
    folder: Path


def run(plan: Plan, say: Say) -> Report:
    """Runs everything, stops everything, and returns what the report found. Ctrl-C ends the watching, not the report."""
    shutil.rmtree(plan.folder, ignore_errors=True)
    say("Starting Kafka, Mosquitto, S3 and DynamoDB on this machine (loopback only) ...")
    certs = identity.prepared(plan.folder.resolve() / "certs", [*identity.fleet(plan.devices), _WEARER])
    with start_servers(plan.folder, certs) as addresses:
        services.provision(addresses, plan.folder)
        settings = _report_settings(addresses)
        devices.register(settings, [Device(device_id=_WEARER, user_id="wearer_01", ward="recorded")])
        say("Starting mqtt_bridge, its acker, stream_processor, parquet_sink and alarm_store ...")
        with _services(plan, addresses) as running:
            ledgers = _watch(plan, addresses, running, say)
            say("The devices are done; waiting until everything they said has arrived ...")
            _settle(settings, running, say)
            return survey.survey(settings, ledgers)


def _report_settings(addresses: Addresses) -> ReportSettings:
    # boto3 finds credentials in the environment only.
    os.environ.update(addresses.environment())
    return ReportSettings(flush_interval_s=_FLUSH_INTERVAL_S)


@contextmanager
def _services(plan: Plan, addresses: Addresses) -> Iterator[list[Keeper]]:
    flush = {"FLUSH_INTERVAL_S": str(_FLUSH_INTERVAL_S)}
    keepers: list[Keeper] = []
    with ExitStack() as stopping:
        stopping.callback(lambda: stop_all(keeper.child for keeper in keepers))
        for name in services.SERVICES:
            service = services.service(name, addresses, plan.folder, settings=flush)
            keepers.append(Keeper(service, lambda _child, _port: None, time.monotonic()))
        for keeper in keepers:
            keeper.wait_until_ready(_SETTLE_TIMEOUT_S)
        yield keepers


def _watch(plan: Plan, addresses: Addresses, running: Sequence[Keeper], say: Say) -> list[Path]:
    """Runs the simulators to their end, or until Ctrl-C; returns their ledgers."""
    say(f"Watching {plan.devices} simulated people and one recorded person, who is about to go for a run.")
    simulators: list[Child] = []
    try:
        with held_back((signal.SIGINT,)):
            wanted = (_simulated(plan, addresses), _recorded(plan, addresses))
            simulators += [Child(service.command) for service in wanted]
        _follow(simulators, running, say)
    except KeyboardInterrupt:
        say("Ctrl-C: stopping the devices.")
    finally:
        # A second Ctrl-C would interrupt the stopping, which is bounded anyway.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stop_all(simulators)
    for simulator in simulators:
        if simulator.exit_code != 0:
            raise CannotRun(simulator.obituary())
    return [_ledger(plan, "simulated"), _ledger(plan, "recorded")]


def _follow(simulators: Sequence[Child], running: Sequence[Keeper], say: Say) -> None:
    told_at = time.monotonic()
    while any(simulator.exit_code is None for simulator in simulators):
        _keep(running, say)
        time.sleep(_POLL_S)
        if time.monotonic() - told_at >= _TELL_EVERY_S:
            told_at = time.monotonic()
            say(_last_line(simulators[0].command.log))


def _keep(running: Sequence[Keeper], say: Say) -> None:
    """Starts services again that ended, as whoever runs them would, and says so."""
    for keeper in running:
        if keeper.look(time.monotonic()):
            say(f"{keeper.child.obituary()}\nIt is started again.")


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("devices")]
    return "  " + lines[-1] if lines else "  ..."


def _simulated(plan: Plan, addresses: Addresses) -> services.Service:
    arguments = (
        *("--devices", str(plan.devices)),
        *("--connections", str(identity.MOST_CONNECTIONS)),
        *("--duration", str(plan.duration_s)),
        *("--seed", str(plan.seed)),
        *("--profile", "mix"),
        # One trouble an hour would show nothing in a minute: here everybody has one a minute, and it ends.
        *("--episodes", "60"),
        *("--episode-seconds", "30"),
        *("--ledger", str(_ledger(plan, "simulated"))),
        *("--keep", str(plan.folder.resolve() / "kept-simulated.sqlite")),
        *("--truth", str(plan.folder.resolve() / "truth.jsonl")),
    )
    return services.service("iot_simulator", addresses, plan.folder, name="simulated", arguments=arguments)


def _recorded(plan: Plan, addresses: Addresses) -> services.Service:
    # The whole run within the demo's time; left running, as it happened.
    speed = max(1.0, RECORDED_S / plan.duration_s) if plan.duration_s else 1.0
    arguments = (
        *("--replay", str(RECORDED)),
        *("--speed", f"{speed:g}"),
        *("--duration", str(plan.duration_s)),
        *("--ledger", str(_ledger(plan, "recorded"))),
        *("--keep", str(plan.folder.resolve() / "kept-recorded.sqlite")),
    )
    return services.service("iot_simulator", addresses, plan.folder, name="recorded", arguments=arguments)


def _ledger(plan: Plan, name: str) -> Path:
    return plan.folder.resolve() / f"ledger-{name}.jsonl"


def _settle(settings: ReportSettings, running: Sequence[Keeper], say: Say) -> None:
    """Waits until every stage is through and two flush intervals have passed, so that the report covers everything."""
    earliest = time.monotonic() + 2 * settings.flush_interval_s
    deadline = time.monotonic() + _SETTLE_TIMEOUT_S
    while survey.backlog(settings) > 0 or time.monotonic() < earliest:
        if time.monotonic() > deadline:
            # The report will say what is missing.
            todo = ", ".join(
                f"{name}: {count:,}" for name, count in survey.backlogs(settings).items() if count
            )
            say(f"Waited {_SETTLE_TIMEOUT_S:g} s; still to do are {todo}.")
            return
        _keep(running, say)
        time.sleep(_POLL_S)
