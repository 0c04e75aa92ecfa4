"""Readings made for tests: one person, one device, a time in seconds."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy

from wardstream.contracts.alarm import Alarm
from wardstream.contracts.identity import reading_id
from wardstream.contracts.reading import Reading
from wardstream.contracts.user_model import UserModel
from wardstream.scoring.limits import DEFAULTS, Limits
from wardstream.scoring.scorer import Outcome, score, take_model
from wardstream.scoring.state import PatientState

START_US = 1_760_000_000_000_000
SECOND_US = 1_000_000


def at_us(second: float) -> int:
    return START_US + round(second * SECOND_US)


def said(
    second: float,
    vitals: Mapping[str, float],
    *,
    user: str = "ada",
    received_second: float | None = None,
    artefacts: tuple[str, ...] = (),
    on_body: bool | None = None,
) -> Reading:
    return Reading(
        reading_id=reading_id(user, at_us(second), None, None, vitals),
        device_id=f"{user}-device",
        user_id=user,
        measured_at_us=at_us(second),
        received_at_us=at_us(second if received_second is None else received_second),
        artefacts=artefacts,
        on_body=on_body,
        **vitals,  # type: ignore[arg-type]  # vitals by name
    )


def reading(
    second: float,
    *,
    user: str = "ada",
    received_second: float | None = None,
    artefacts: tuple[str, ...] = (),
    on_body: bool | None = None,
    **vitals: float,
) -> Reading:
    return said(
        second, vitals, user=user, received_second=received_second, artefacts=artefacts, on_body=on_body
    )


def heart_rates(values: Iterable[float], *, every_s: float = 10, start_s: float = 0) -> list[Reading]:
    return [reading(start_s + n * every_s, heart_rate_bpm=value) for n, value in enumerate(values)]


def saturations(values: Iterable[float], *, every_s: float = 10, start_s: float = 0) -> list[Reading]:
    return [reading(start_s + n * every_s, spo2_pct=value) for n, value in enumerate(values)]


def with_model(model: UserModel) -> PatientState:
    state = PatientState()
    assert take_model(state, model)
    return state


def run(
    readings: Sequence[Reading],
    state: PatientState | None = None,
    limits: Limits = DEFAULTS,
    *,
    has_model: bool = True,
) -> tuple[PatientState, list[Outcome]]:
    """The state after `readings`, and what each meant; `state` itself stays as it is."""
    after = deepcopy(state) if state is not None else PatientState()
    return after, [score(after, each, limits, has_model) for each in readings]


def alarms(
    readings: Sequence[Reading], state: PatientState | None = None, limits: Limits = DEFAULTS
) -> list[Alarm]:
    return [alarm for outcome in run(readings, state, limits)[1] for alarm in outcome.alarms]
