"""What a number of devices of one kind needs: readings, brokers, partitions, tasks, requests. Pure arithmetic."""

from math import ceil
from typing import NamedTuple

from benchmarks.figures import Figure

MONTH_S = 30 * 24 * 60 * 60
DAY_S = 24 * 60 * 60
MIB = 1024 * 1024
# Partitioned topics whose partitions grow with the work, counting the state topic.
GROWING_TOPICS = 8


class Assumed(NamedTuple):
    """What nobody measured: to be replaced by what a deployment shows."""

    devices: int = 1_000_000
    # Half busy: room for a lost task, a backlog and a bad hour.
    busy: float = 0.5
    copies: int = 3
    # CHECKPOINT_INTERVAL_S; the default of 2 s is for hospitals, not for regions.
    checkpoint_s: float = 30.0
    flush_s: float = 60.0
    flagged_share: float = 0.01
    alarm_steps_a_person_a_day: float = 5.0
    # A volume of MSK without provisioned throughput, and the largest one (MSK developer guide, see docs/scale.md).
    volume_mib_s: float = 250.0
    volume_gib: float = 16_384.0
    # Of a volume, what may be full.
    full: float = 0.75


class Kind(NamedTuple):
    """A kind of device: messages a second, and the sizes of its records (golden files), bytes."""

    name: str
    messages_per_s: float
    raw_bytes: int
    reading_bytes: int


class Needs(NamedTuple):
    """What it takes. Rates are per second, `s3_puts` and `lake_gb` per month."""

    readings_per_s: float
    ingress_mib_s: float
    state_mib_s: float
    disk_tib: float
    brokers: int
    partitions: int
    replicas_a_broker: int
    bridges: int
    processors: int
    sinks: int
    stores: int
    # Of the service that has most to do, as many as were measured with, at work all the time.
    cores: float
    table_writes_per_s: float
    s3_puts: float
    lake_gb: float

    @property
    def tasks(self) -> int:
        """All of them."""
        return self.bridges + self.processors + self.sinks + self.stores


def needs(
    kind: Kind, measured: dict[str, Figure], retention_s: float, anomaly_bytes: int, a: Assumed
) -> Needs:
    """What `a.devices` devices of `kind` need, each task on a core like the one measured."""
    per_s = kind.messages_per_s * a.devices
    written_per_s = per_s * a.flagged_share + a.devices * a.alarm_steps_a_person_a_day / DAY_S
    state_per_s = min(per_s, a.devices / a.checkpoint_s)
    state_mib_s = state_per_s * measured["state_row_bytes"].value / MIB
    kept_mib_s = per_s * (kind.raw_bytes + kind.reading_bytes + a.flagged_share * anomaly_bytes) / MIB
    disk_mib = kept_mib_s * retention_s * a.copies
    cores = (
        per_s * measured["bridge_raw_cpu_us"].value / 1e6,
        per_s / measured["processor_300k_users_per_s"].value,
        per_s * measured["sink_cpu_us"].value / 1e6,
        written_per_s * measured["store_cpu_us"].value / 1e6,
    )
    bridges, processors, sinks, stores = (_tasks(one, a.busy) for one in cores)
    partitions = _partitions(max(bridges, processors, sinks, stores))
    brokers = max(
        _in_threes((kept_mib_s + state_mib_s) * a.copies / (a.volume_mib_s * a.busy)),
        _in_threes(disk_mib / 1024 / (a.volume_gib * a.full)),
    )
    return Needs(
        readings_per_s=per_s,
        ingress_mib_s=kept_mib_s + state_mib_s,
        state_mib_s=state_mib_s,
        disk_tib=disk_mib / MIB,
        brokers=brokers,
        partitions=partitions,
        replicas_a_broker=ceil(GROWING_TOPICS * partitions * a.copies / brokers),
        bridges=bridges,
        processors=processors,
        sinks=sinks,
        stores=stores,
        cores=max(cores),
        table_writes_per_s=written_per_s,
        s3_puts=partitions * MONTH_S / a.flush_s,
        lake_gb=per_s * MONTH_S * measured["sink_bytes_a_reading"].value / 1e9,
    )


def _tasks(cores: float, busy: float) -> int:
    # Two at least, so that one may die.
    return max(2, ceil(cores / busy))


def _partitions(tasks: int) -> int:
    """Two for each task, so that one task more or less doesn't double a neighbour's load; in eights."""
    return max(8, ceil(2 * tasks / 8) * 8)


def _in_threes(brokers: float) -> int:
    """As many in each of three zones."""
    return max(3, ceil(brokers / 3) * 3)
