"""A person's own model: what is usual for them, as training publishes it."""

from typing import Annotated

import msgspec
from msgspec import Meta

from wardstream.contracts.vitals import VITALS

# What a model may speak of besides the vitals. STEPS: the natural logarithm of 1 + steps of a worn day; EFFORT: heart rate while pottering
# about, above that at rest.
STEPS = "steps_per_min"
EFFORT = "effort_bpm"
SIGNALS: tuple[str, ...] = (*VITALS, STEPS, EFFORT)

# (cosine, sine) once a day, then (cosine, sine) twice a day, in the signal's unit.
Shape = tuple[float, float, float, float]
FLAT: Shape = (0.0, 0.0, 0.0, 0.0)
# What a model of version 1, which doesn't say, is taken to rest on: two weeks.
V1_DAYS = 14.0


class Usual(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is usual of one signal for one person, in its unit.

    `mean` is the level over the day and `shape` how it bends with the time of day: at local time t (a fraction of the day) usual is mean +
    c1 cos 2πt + s1 sin 2πt + c2 cos 4πt + s2 sin 4πt. `spread` is one standard deviation of means over five minutes around that
    (at rest, for what effort changes), `day_spread` one of a day's mean of the same; None: everybody's. `days` is how many worn days the
    level rests on: fewer weigh less against everybody's. `readings` is how many readings.
    """

    mean: float
    spread: Annotated[float, Meta(gt=0)]
    readings: Annotated[int, Meta(ge=0)]
    shape: Shape = FLAT
    day_spread: Annotated[float, Meta(gt=0)] | None = None
    days: Annotated[float, Meta(ge=0)] = V1_DAYS


class UserModel(msgspec.Struct, frozen=True, kw_only=True, tag_field="v", tag=2):
    """The value of compacted topic `user-models`, key `user_id`. The highest `version` wins; a tombstone forgets it."""

    user_id: str
    version: Annotated[int, Meta(ge=1)]
    fitted_at_us: int
    usual: dict[str, Usual]


class UsualV1(msgspec.Struct, frozen=True, kw_only=True):
    """`Usual` as version 1 had it: mean and spread of single readings."""

    mean: float
    spread: Annotated[float, Meta(gt=0)]
    readings: Annotated[int, Meta(ge=0)]


class UserModelV1(msgspec.Struct, frozen=True, kw_only=True, tag_field="v", tag=1):
    """`UserModel` as version 1 had it; still read."""

    user_id: str
    version: Annotated[int, Meta(ge=1)]
    fitted_at_us: int
    usual: dict[str, UsualV1]


def upgraded(old: UserModelV1) -> UserModel:
    """What version 1 meant, in today's form."""
    return UserModel(
        user_id=old.user_id,
        version=old.version,
        fitted_at_us=old.fitted_at_us,
        usual={
            name: Usual(mean=usual.mean, spread=usual.spread, readings=usual.readings)
            for name, usual in old.usual.items()
        },
    )
