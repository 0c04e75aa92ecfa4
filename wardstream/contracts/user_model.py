"""A person's own model: what is usual for them, as training publishes it."""

from typing import Annotated

import msgspec
from msgspec import Meta


class Usual(msgspec.Struct, frozen=True, kw_only=True):
    """One vital's usual value for one person: mean and spread (standard deviation) in the vital's unit, from `readings`."""

    mean: float
    spread: Annotated[float, Meta(gt=0)]
    readings: Annotated[int, Meta(ge=0)]


class UserModel(msgspec.Struct, frozen=True, kw_only=True, tag_field="v", tag=1):
    """The value of compacted topic `user-models`, key `user_id`. The highest `version` wins; a tombstone forgets it."""

    user_id: str
    version: Annotated[int, Meta(ge=1)]
    fitted_at_us: int
    usual: dict[str, Usual]
