"""What was scored lately: a bounded memory of reading ids, so that a resend changes nothing."""

from wardstream.scoring.state import PatientState

# A resend follows its original within a few readings: QoS 1 repeats what was in flight (Mosquitto allows 20), an outbox
# repeats what was not acknowledged. What comes back later still is older than the newest and so decides nothing.
REMEMBERED = 48
# Of an id's 120 bits the first 60: a wrong match among a hundred ids is not to be expected in 10^15 readings.
MARK = 10
KEPT = REMEMBERED * MARK
# The newest are kept apart, so that adding one copies little.
NEWEST_KEPT = 16 * MARK


def was_seen(marks: str, reading_id: str) -> bool:
    """Whether `reading_id` (as `identity.reading_id` makes them) is known to `marks`."""
    mark = reading_id[:MARK]
    at = marks.find(mark)
    while at >= 0:
        if at % MARK == 0:
            return True
        at = marks.find(mark, at + 1)
    return False


def remember(state: PatientState, reading_id: str) -> None:
    """Adds `reading_id` to what `state` knows: the last `REMEMBERED` ids for certain, and up to 15 older ones."""
    newest = state.seen_newest + reading_id[:MARK]
    if len(newest) < NEWEST_KEPT:
        state.seen_newest = newest
    else:
        state.seen, state.seen_newest = (state.seen + newest)[-KEPT:], ""


def newest_mark(state: PatientState) -> str:
    """The first half of the id of the reading scored last; "" if there was none."""
    return (state.seen_newest or state.seen)[-MARK:]
