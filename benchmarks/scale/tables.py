"""The tables of docs/scale.md, as Markdown."""

from collections.abc import Callable, Iterable

from benchmarks.figures import Prices, Result
from benchmarks.scale.cost import month
from benchmarks.scale.needs import Assumed, Kind, Needs
from benchmarks.scale.sizes import MEANT, Row

_ROWS: tuple[tuple[str, Callable[[Needs], str]], ...] = (
    ("readings a second", lambda n: f"{n.readings_per_s:,.0f}"),
    ("into Kafka, before copies, MiB/s", lambda n: f"{n.ingress_mib_s:,.0f}"),
    ("of that states, MiB/s", lambda n: f"{n.state_mib_s:,.0f}"),
    ("on the brokers' disks, TiB", lambda n: f"{n.disk_tib:,.0f}"),
    ("brokers", lambda n: f"{n.brokers:,}"),
    ("partitions of a topic keyed by user or device", lambda n: f"{n.partitions:,}"),
    ("replicas of partitions on a broker", lambda n: f"{n.replicas_a_broker:,}"),
    ("tasks: mqtt_bridge --source kafka", lambda n: f"{n.bridges:,}"),
    ("tasks: stream_processor", lambda n: f"{n.processors:,}"),
    ("tasks: parquet_sink", lambda n: f"{n.sinks:,}"),
    ("tasks: alarm_store", lambda n: f"{n.stores:,}"),
    ("DynamoDB writes a second", lambda n: f"{n.table_writes_per_s:,.0f}"),
    ("S3 PUTs a month", lambda n: f"{n.s3_puts:,.0f}"),
    ("lake, GB a month", lambda n: f"{n.lake_gb:,.0f}"),
)


def needed(wanted: dict[Kind, Needs]) -> str:
    """What each kind of device needs."""
    rows = [[name, *(show(n) for n in wanted.values())] for name, show in _ROWS]
    return _table(["", *(kind.name for kind in wanted)], rows)


def costs(wanted: dict[Kind, Needs], a: Assumed, listed: Prices) -> str:
    """What each kind costs a month, thousands of dollars."""
    months = [month(kind, n, a, listed) for kind, n in wanted.items()]
    rows = [[line, *(_thousands(one[line]) for one in months)] for line in months[0]]
    rows.append(["**together**", *(f"**{_thousands(sum(one.values()))}**" for one in months)])
    return _table(["thousand USD a month", *(kind.name for kind in wanted)], rows)


def sized(found: dict[str, list[Row]]) -> str:
    """What each size's devices need, of what root.yaml has."""
    columns = list(found.values())
    rows = [
        [row.what, *(f"{_few(column[n].needed)} of {_few(column[n].given)}" for column in columns)]
        for n, row in enumerate(columns[0])
    ]
    heads = [f"{name}: {MEANT[name].devices:,} {MEANT[name].kind}" for name in found]
    return _table(["", *heads], rows)


def _few(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


def measured(found: Iterable[Result]) -> str:
    """Every figure with its date, machine and command."""
    rows = [
        [
            f"{figure.value:,g} {figure.unit}",
            f"`{figure.command}`",
            figure.note,
            result.measured,
            result.machine,
        ]
        for result in found
        for figure in result.figures.values()
    ]
    return _table(["figure", "command", "", "measured", "machine"], rows)


def listed(found: Prices) -> str:
    """The list prices."""
    rows = [[price.what, f"{price.usd:g}"] for price in found.prices.values()]
    head = f"{found.region}, {found.currency}, as of {found.as_of}; {found.source}."
    return f"{head}\n\n" + _table(["of", "USD"], rows)


def assumed(a: Assumed) -> str:
    """What nobody measured."""
    rows = [
        ["devices, one person each", f"{a.devices:,}"],
        ["how busy a task or a volume is", f"{a.busy:.0%}"],
        ["copies of a record", f"{a.copies}"],
        ["`CHECKPOINT_INTERVAL_S`", f"{a.checkpoint_s:g}"],
        ["`FLUSH_INTERVAL_S`", f"{a.flush_s:g}"],
        ["readings that are flagged", f"{a.flagged_share:.0%}"],
        ["alarm steps a person a day", f"{a.alarm_steps_a_person_a_day:g}"],
        ["a broker's volume, MiB/s", f"{a.volume_mib_s:g}"],
        ["a broker's volume, GiB, of which 75 % may be full", f"{a.volume_gib:,g}"],
    ]
    return _table(["assumed", ""], rows)


def _thousands(usd: float) -> str:
    return f"{usd / 1000:,.1f}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
