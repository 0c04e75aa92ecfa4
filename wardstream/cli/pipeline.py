"""`wardstream demo | report | provision | register | repartition`: the pipeline as a whole."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from wardstream.cli import found
from wardstream.contracts.device import Device
from wardstream.local import demo as demonstration
from wardstream.local import folders
from wardstream.provision import devices, everything
from wardstream.provision.settings import ProvisionSettings
from wardstream.repartition.grow import grow
from wardstream.repartition.settings import RepartitionSettings
from wardstream.report.narrate import narrate
from wardstream.report.settings import ReportSettings
from wardstream.report.survey import Report, survey
from wardstream.runtime.kafka import KafkaSettings
from wardstream.runtime.settings import load

ReportFile = Annotated[
    Path | None, typer.Option("--report", help="Write the figures here, as JSON.", dir_okay=False)
]


def demo(
    *,
    number: Annotated[int, typer.Option("--devices", min=1, help="Simulated devices.")] = 100,
    duration: Annotated[int, typer.Option(min=0, help="Seconds to watch; 0: until Ctrl-C.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people and troubles.")] = 1,
    report_file: ReportFile = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where data and logs are; emptied first.", show_default=".wardstream/demo"),
    ] = None,
) -> None:
    """Runs everything on real servers here, from devices to the lake, and proves what arrived."""
    plan = demonstration.Plan(
        devices=number, duration_s=duration, seed=seed, folder=folder or folders.home() / "demo"
    )
    _tell(demonstration.run(plan, typer.echo), report_file)


def report(
    ledgers: Annotated[list[Path], typer.Argument(help="What the simulators wrote with --ledger.")],
    *,
    report_file: ReportFile = None,
) -> None:
    """Compares what was published with what Kafka, DynamoDB and the lake hold; exit code 1 if the promise broke."""
    found.use_local_servers()
    _tell(survey(load(ReportSettings), ledgers), report_file)


def provision() -> None:
    """Makes topics, bucket and tables that are missing."""
    found.use_local_servers()
    made = everything.make(load(ProvisionSettings))
    typer.echo(f"made {', '.join(made)}" if made else "all there")


def register(
    file: Annotated[Path, typer.Argument(help="CSV: device_id,user_id[,ward,bed,zone].", dir_okay=False)],
) -> None:
    """Tells the bridge whose device is whose."""
    found.use_local_servers()
    rows: list[Device] = devices.read(file)
    typer.echo(f"registered {devices.register(load(KafkaSettings), rows)} devices")


def repartition(
    *,
    partitions: Annotated[int, typer.Option(min=1, help="How many each topic keyed by user shall have.")],
) -> None:
    """Grows the topics keyed by user and moves people's state; the bridge and the processor must be stopped."""
    found.use_local_servers()
    done = grow(load(RepartitionSettings), partitions)
    for topic in done.topics:
        typer.echo(f"{topic} has {partitions} partitions")
    for topic, moved in done.moved.items():
        typer.echo(f"{topic}: moved {moved} rows")


def _tell(found_out: Report, file: Path | None) -> None:
    if file is not None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(found_out.figures)) + b"\n")
    typer.echo("\n" + narrate(found_out.figures, found_out.devices, found_out.raised))
    if not found_out.figures.holds:
        raise typer.Exit(1)
