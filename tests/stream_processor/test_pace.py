from stream_processor.pace import Waiting, due_at_s

NOTHING = Waiting(None, None, 0.0, 0.0)


def test_where_nothing_changed_nothing_is_due() -> None:
    assert due_at_s(NOTHING, 2.0, most_held=False) is None


def test_a_changed_state_waits_for_the_interval() -> None:
    assert due_at_s(NOTHING._replace(changed_at_s=100.0), 2.0, most_held=False) == 102.0


def test_an_alarm_waits_for_nobody() -> None:
    waiting = Waiting(changed_at_s=100.0, alarm_at_s=100.5, last_ended_at_s=90.0, last_took_s=0.05)

    assert due_at_s(waiting, 2.0, most_held=False) == 100.5


def test_after_a_slow_checkpoint_alarms_are_gathered_but_never_longer_than_the_interval() -> None:
    waiting = Waiting(changed_at_s=100.0, alarm_at_s=100.0, last_ended_at_s=100.0, last_took_s=0.2)

    assert due_at_s(waiting, 2.0, most_held=False) == 100.0 + 3 * 0.2
    assert due_at_s(waiting._replace(last_took_s=60.0), 2.0, most_held=False) == 102.0


def test_who_holds_as_much_as_allowed_is_written_at_once() -> None:
    assert due_at_s(NOTHING._replace(changed_at_s=100.0), 2.0, most_held=True) == 100.0
