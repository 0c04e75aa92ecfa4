"""Tells the processor what somebody did: one record on `alarm-actions`, under an id drawn at random."""

from uuid import uuid4

import msgspec

from wardstream.contracts import wire
from wardstream.contracts.alarm_action import Acknowledge, Action, SetLimits, Snooze, Window
from wardstream.contracts.topics import ALARM_ACTIONS
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import KafkaSettings, producer, require_topics

_CONFIRM_WITHIN_S = 30.0


def action(user_id: str, by: str, at_us: int, does: Acknowledge | Snooze | Window) -> Action:
    """The action, checked as the processor will check it; `ValueError` says what is wrong."""
    made = Action(action_id=uuid4().hex, user_id=user_id, by=by, at_us=at_us, does=does)
    return msgspec.convert(msgspec.to_builtins(made), Action)


def say(settings: KafkaSettings, said: Action | SetLimits) -> None:
    """Returns once Kafka has it; `CannotRun` if that takes too long. Saying it again is harmless."""
    require_topics(settings, {ALARM_ACTIONS.name: None})
    client = producer(settings)
    client.produce(ALARM_ACTIONS.name, wire.encode(said), said.user_id)
    if client.flush(_CONFIRM_WITHIN_S):
        raise CannotRun("Kafka did not confirm it in time: say it again, repeating is harmless")
