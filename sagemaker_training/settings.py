"""What training needs to know."""

from datetime import date
from pathlib import Path

from pydantic import DirectoryPath, Field, field_validator, model_validator

from sagemaker_training.shards import Shard, parsed
from wardstream.lake.settings import LakeSettings
from wardstream.runtime.kafka import KafkaSettings


class TrainingSettings(KafkaSettings, LakeSettings):
    """Where readings and models are, and how much of them is read. The models lie in the lake's bucket, below `models/`."""

    kafka_bootstrap: str = Field(
        "", description="brokers; unset: models wait on the shelf for `wardstream models publish`"
    )
    train_lake_folder: DirectoryPath | None = Field(
        None,
        description="read the lake from this folder instead of the bucket, as SageMaker mounts a channel",
    )
    train_report: Path | None = Field(None, description="where to write what the training came to, as JSON")
    train_days: int = Field(28, ge=2, le=366, description="how many dates are read")
    train_held_out_days: int = Field(
        3, ge=1, le=30, description="how many of them, the last ones, are kept for judging"
    )
    train_until: date | None = Field(
        None, description="the date after the last one that is read; unset: today's (UTC)"
    )
    train_shard: str = Field("0/1", description="which part of the people is trained here, as i/n")
    train_every_h: float = Field(
        0, ge=0, le=24 * 366, description="hours from one training's begin to the next; 0: once, then leave"
    )
    train_hold: bool = Field(False, description="leave what is better as a shadow until it is promoted")

    @field_validator("train_shard")
    @classmethod
    def _is_a_shard(cls, text: str) -> str:
        parsed(text)
        return text

    @model_validator(mode="after")
    def _something_is_fitted(self) -> "TrainingSettings":
        if self.train_held_out_days >= self.train_days:
            raise ValueError("TRAIN_HELD_OUT_DAYS must be less than TRAIN_DAYS")
        return self

    @property
    def shard(self) -> Shard:
        """Who is trained here."""
        return parsed(self.train_shard)
