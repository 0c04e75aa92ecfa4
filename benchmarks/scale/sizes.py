"""What the sizes of `cloudformation/root.yaml` have, beside what their devices need. Pure but for reading that file."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped]  # no stubs among the locked packages; what it reads is converted below

from benchmarks.figures import Figure, Prices
from benchmarks.scale.cost import month
from benchmarks.scale.needs import MONTH_S, Assumed, Kind, Needs
from iot_simulator.profiles import Profile

TEMPLATE = Path(__file__).parents[2] / "cloudformation" / "root.yaml"
_A_CORE = 1024
# Kafka's own topics, of 50 partitions each: offsets and transactions.
_KAFKAS_OWN = 100
# Services that `FewestTasks` and `MostTasks` count; the acker's two and the merger's one come besides.
_COUNTED, _BESIDES = 4, 3
_HOURS = MONTH_S / 3600


class Meant(NamedTuple):
    """Whom a size is for."""

    devices: int
    kind: Profile


# A hospital's devices are beside beds, a region's are worn: a million bedside monitors fit into no one cluster (docs/scale.md).
MEANT = {
    "pilot": Meant(100, "bedside"),
    "hospital": Meant(10_000, "bedside"),
    "region": Meant(1_000_000, "packet"),
}


class Broker(NamedTuple):
    """A broker's type: how many replicas of partitions AWS recommends at most, and its price's name."""

    most_replicas: int
    price: str


# MSK developer guide, "Best practices for Standard brokers".
BROKERS = {
    "kafka.t3.small": Broker(300, "msk_t3_small_hour"),
    "kafka.m7g.large": Broker(1000, "msk_m7g_large_hour"),
    "kafka.m7g.4xlarge": Broker(4000, "msk_broker_hour"),
}


class Size(NamedTuple):
    """One of the mapping `Sizes`, as far as devices decide it."""

    broker_type: str
    broker_count: int
    broker_gib: int
    partitions: int
    fewest_tasks: int
    most_tasks: int
    cpu: int
    memory: int
    checkpoint_s: float
    ack_interval_s: float
    budget_usd: float

    @property
    def cores(self) -> float:
        """What a task has of a core; a service uses one at most."""
        return min(1.0, self.cpu / _A_CORE)

    def assumed(self, devices: int) -> Assumed:
        """What the needs of so many devices are computed with, where the size decides it."""
        return Assumed()._replace(
            devices=devices, checkpoint_s=self.checkpoint_s, volume_gib=float(self.broker_gib)
        )


class Row(NamedTuple):
    """One thing, in `unit`: what is needed and what there is."""

    what: str
    needed: float
    given: float

    @property
    def is_enough(self) -> bool:
        """Whether it is."""
        return self.needed <= self.given


class _Loader(yaml.CSafeLoader):  # type: ignore[misc]  # the base class is untyped
    """Passes over CloudFormation's tags: the mapping has none."""


_Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def sizes() -> dict[str, Size]:
    """As the template has them."""
    found = yaml.load(TEMPLATE.read_text(), _Loader)["Mappings"]["Sizes"]
    return {name: _size(values) for name, values in found.items()}


def _size(values: dict[str, Any]) -> Size:
    return Size(
        broker_type=values["BrokerType"],
        broker_count=values["BrokerCount"],
        broker_gib=values["BrokerGiB"],
        partitions=values["Partitions"],
        fewest_tasks=values["FewestTasks"],
        most_tasks=values["MostTasks"],
        cpu=values["Cpu"],
        memory=values["Memory"],
        checkpoint_s=values["CheckpointIntervalS"],
        ack_interval_s=values["AckIntervalS"],
        budget_usd=values["BudgetUsd"],
    )


def rows(
    size: Size, kind: Kind, n: Needs, numbered: Kind, measured: dict[str, Figure], listed: Prices
) -> list[Row]:
    """What `n` asks of the size, for as many devices of a kind as `n` was computed for (by `size.assumed`); the acker's work if as
    many were of the kind that numbers what it says.
    """
    a = size.assumed(round(n.readings_per_s / kind.messages_per_s))
    replicas = n.replicas_a_broker * n.brokers * size.partitions / n.partitions / size.broker_count
    return [
        Row("brokers, by throughput and disk", n.brokers, size.broker_count),
        Row(
            "replicas of partitions on a broker",
            replicas + 3 * _KAFKAS_OWN / size.broker_count,
            BROKERS[size.broker_type].most_replicas,
        ),
        Row("partitions", n.partitions, size.partitions),
        Row("cores of the busiest service, all tasks busy", n.cores, size.fewest_tasks * size.cores),
        Row("cores of the busiest service, half busy", n.cores / a.busy, size.most_tasks * size.cores),
        Row("cores of the acker, devices numbering", _acker_cores(size, numbered, a, measured), size.cores),
        Row("USD a month", bill(size, kind, n, a, listed), size.budget_usd),
    ]


def _acker_cores(size: Size, numbered: Kind, a: Assumed, measured: dict[str, Figure]) -> float:
    """Of the one that works."""
    per_s = a.devices * numbered.messages_per_s
    acks_per_s = min(per_s, a.devices / size.ack_interval_s)
    return (per_s * measured["acker_cpu_us"].value + acks_per_s * measured["acker_ack_cpu_us"].value) / 1e6


def bill(size: Size, kind: Kind, n: Needs, a: Assumed, listed: Prices) -> float:
    """List prices of a month with the brokers and the fewest tasks that the size has."""
    usd = {name: price.usd for name, price in listed.prices.items()}
    tasks = size.fewest_tasks * _COUNTED + _BESIDES
    a_task = size.cpu / _A_CORE * usd["fargate_vcpu_hour"] + size.memory / 1024 * usd["fargate_gb_hour"]
    lines = month(kind, n, a, listed) | {
        "MSK: brokers": size.broker_count * _HOURS * usd[BROKERS[size.broker_type].price],
        "MSK: storage": size.broker_count * size.broker_gib * usd["msk_storage_gb_month"],
        "Fargate": tasks * _HOURS * a_task,
    }
    return sum(lines.values())
