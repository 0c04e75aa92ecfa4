"""What the stream processor needs to know."""

from typing import Literal

from pydantic import DirectoryPath, Field, FilePath

from wardstream.contracts.topics import PROCESSOR_GROUP
from wardstream.runtime.kafka import KafkaSettings
from wardstream.scoring.rows import NEWEST, VERSIONS
from wardstream.scoring.timers import Timers


class ProcessorSettings(KafkaSettings):
    """Kafka, the limits, and where Faust may keep files."""

    processor_group: str = Field(
        PROCESSOR_GROUP,
        pattern=r"^[A-Za-z0-9._\-]{1,200}$",
        description="the consumer group; also the first part of the name of its state topic",
    )
    limits_file: FilePath | None = Field(
        None,
        description="limits for everybody, TOML or JSON; unset: the defaults of wardstream.scoring.limits",
    )
    scorer: Literal["clinical", "full"] = Field(
        "full",
        description="full: the clinical tier and the personal one; clinical: limits only, a running mean for explanations; cheapest",
    )
    native: bool = Field(
        True,
        description="score what is quiet by compiled code where it is compiled; false: all in Python, with the same results",
    )
    datadir: DirectoryPath | None = Field(None, description="Faust's folder; unset: a temporary one")
    kafka_replication: int = Field(1, ge=1, description="copies of the state topic; 3 on a real cluster")
    checkpoint_interval_s: float = Field(
        2.0,
        ge=0.05,
        le=60,
        description="how long a changed state may wait to be written; alarms don't wait for it",
    )
    most_awake: int = Field(
        4_000,
        ge=1,
        description="people of one partition whose state is held decoded (up to 8 kB each); the others wait as rows (1 kB)",
    )
    # No Literal: a variable's text is never one of its numbers.
    state_version: int = Field(
        NEWEST,
        ge=min(VERSIONS),
        le=NEWEST,
        description="version of the rows written; during a rolling upgrade, the one the old build reads",
    )
    tick_s: float = Field(
        5.0,
        ge=0,
        le=60,
        description="how often the clock looks what is due; 0: no alarm comes from the clock",
    )
    settle_s: float = Field(
        60.0,
        ge=0,
        description="after a start, or when Kafka answers again, the clock says nothing for so long: the bridge writes what it held",
    )
    silence_after_s: float = Field(
        900.0,
        ge=0,
        description="nothing heard so long from somebody who reported at least thrice as often: an alarm; 0: none",
    )
    stale_after_s: float = Field(
        300.0, ge=0, description="a device's data older than 10 min on arrival for so long: an alarm; 0: none"
    )
    remind_high_s: float = Field(
        300.0, ge=0, description="a high alarm not acknowledged is said again after this; 0: never"
    )
    remind_medium_s: float = Field(900.0, ge=0, description="the same for a medium one")
    most_reminders: int = Field(3, ge=0, le=100, description="how often an alarm is said again")
    group_instance_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._\-]{1,200}$",
        description="static membership: a name that stays with this worker over restarts; see docs/operating.md",
    )

    def timers(self) -> Timers | None:
        """What the clock waits for; None: there is no clock."""
        if not self.tick_s:
            return None
        return Timers(
            silence_us=_us(self.silence_after_s),
            stale_us=_us(self.stale_after_s),
            remind_high_us=_us(self.remind_high_s),
            remind_medium_us=_us(self.remind_medium_s),
            most_reminders=self.most_reminders,
        )


def _us(seconds: float) -> int:
    return round(seconds * 1_000_000)
