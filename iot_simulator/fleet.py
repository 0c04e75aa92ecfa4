"""The loop: lets the devices speak when they are due, and turns the wires in between."""

import gc
import time
from collections.abc import Callable, Sequence

import msgspec

from iot_simulator.clock import Clock
from iot_simulator.connection import Connection
from iot_simulator.custody import Custody
from iot_simulator.said import Said
from iot_simulator.schedule import Schedule
from iot_simulator.tally import Tally
from iot_simulator.wires import Wires

# A round gathers what is due and acknowledged within it: shorter rounds cost a system call more a message.
_ROUND_S = 0.02
# Speaking stops after this long in a round even when more is due: the wires must turn, or acknowledgements pile up.
_SPEAK_AT_MOST_US = 100_000
_MESSAGES_PER_LOOK = 64


# How long a device that can keep no more waits before it measures again.
_FULL_US = 1_000_000
_LATE_END_US = 2_000_000
# Asked to stop, a run waits no longer than this for acknowledgements: the process must be gone within ten seconds.
_DRAIN_WHEN_ASKED_S = 5.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """When a run is over. `duration_s` 0: when asked to stop. `drain_s`: how long PUBACKs are waited for.

    `ends_when_silent`: also when nobody has anything more to say. Nothing is said before all connections are up, but
    that is waited for no longer than `gather_s`: devices speak offline too.
    """

    duration_s: float
    drain_s: float
    ends_when_silent: bool = True
    gather_s: float = 5.0


class Fleet:
    """One run; `stop` says whether it is asked to end early. `each_second` is called about every second with the fleet."""

    def __init__(
        self,
        connections: Sequence[Connection],
        tally: Tally,
        clock: Clock,
        each_second: Callable[["Fleet"], None],
        stop: Callable[[], bool],
        *,
        custody: Custody | None = None,
    ) -> None:
        self.connections = connections
        self.tally = tally
        self.spoke_for_s = 0.0
        self._clock = clock
        self._each_second = each_second
        self._stop = stop
        self._custody = custody
        self._wires = Wires(connections, clock.now_us)
        self._spoke: set[Connection] = set()
        self._next_second_us = 0
        self._spoken_behind_us = 0

    @property
    def connected(self) -> int:
        """Connections that are up."""
        return self._wires.connected

    @property
    def queued(self) -> int:
        """Messages in outboxes."""
        return sum(len(connection.outbox) for connection in self.connections)

    @property
    def under_way(self) -> int:
        """Messages handed to MQTT and not acknowledged."""
        return sum(len(connection.under_way) for connection in self.connections)

    @property
    def owed(self) -> int:
        """Messages kept until their application acknowledgement."""
        return self._custody.size if self._custody is not None else 0

    @property
    def behind_s(self) -> float:
        """How late the latest is: a device that should have spoken, or a message that an open connection hasn't taken."""
        now_us = self._clock.now_us()
        waiting_us = max(connection.late_us(now_us) for connection in self.connections)
        return max(self._spoken_behind_us, waiting_us) / 1e6

    def gather(self, limits: Limits) -> None:
        """Connects, until all connections are up or `gather_s` is over."""
        until_us = self._clock.now_us() + round(limits.gather_s * 1e6)
        while not self._stop() and self.connected < len(self.connections) and self._clock.now_us() < until_us:
            self._round()
        # What exists now lives as long as the run: the collector needn't look at it again and again.
        gc.collect()
        gc.freeze()

    def speak(self, schedule: Schedule, start_us: int, limits: Limits) -> None:
        """Speaks for the run's duration, from `start_us`; what was held back for later leaves at the end."""
        end_us = start_us + round(limits.duration_s * 1e6) if limits.duration_s else None
        while not self._stop() and not self._is_over(schedule, end_us, limits):
            all_said = self._speak_due(schedule, end_us)
            self._round(rest=all_said)
        self.spoke_for_s = (self._clock.now_us() - start_us) / 1e6
        while schedule.next_held_us is not None:
            self._offer(schedule.release())

    def drain(self, limits: Limits) -> None:
        """Waits for acknowledgements, at most `drain_s`, then says goodbye on every connection."""
        until_us = self._clock.now_us() + round(limits.drain_s * 1e6)
        asked = False
        while (self.under_way or self.queued or self.owed) and self._clock.now_us() < until_us:
            if self._stop() and not asked:
                asked = True
                until_us = min(until_us, self._clock.now_us() + round(_DRAIN_WHEN_ASKED_S * 1e6))
            self._round()
        for connection in self.connections:
            connection.leave()
        self._wires.turn(set(self.connections))
        self._wires.close()

    def _is_over(self, schedule: Schedule, end_us: int | None, limits: Limits) -> bool:
        next_us = schedule.next_voice_us
        if next_us is None and limits.ends_when_silent:
            return schedule.next_held_us is None
        if end_us is None:
            return False
        # A little late, everything due within the duration is still said, so that a seed repeats to the last message.
        now_us = self._clock.now_us()
        return now_us >= end_us and (next_us is None or next_us >= end_us or now_us >= end_us + _LATE_END_US)

    def _speak_due(self, schedule: Schedule, end_us: int | None) -> bool:
        """Lets everyone speak who is due; False when more is due than one round has time for."""
        begun_us = now_us = self._clock.now_us()
        self._note_behind(schedule.next_voice_us, now_us)
        spoken = 0
        while (due_us := schedule.next_voice_us) is not None and due_us <= now_us:
            if due_us >= (end_us or due_us + 1):
                break
            if self._custody is not None and self._custody.is_full:
                schedule.postpone(_FULL_US)
                self.tally.refused += 1
            else:
                for said in schedule.speak():
                    self._send_or_hold(schedule, said, due_us)
            spoken += 1
            if spoken % _MESSAGES_PER_LOOK == 0 and self._clock.now_us() - begun_us > _SPEAK_AT_MOST_US:
                return False
        while (held_us := schedule.next_held_us) is not None and held_us <= now_us:
            self._offer(schedule.release())
        return True

    def _send_or_hold(self, schedule: Schedule, said: Said, due_us: int) -> None:
        if self._custody is not None:
            self._custody.take(said)
        if said.send_at_us <= due_us:
            self._offer(said)
        else:
            schedule.hold(said)

    def _note_behind(self, due_us: int | None, now_us: int) -> None:
        self._spoken_behind_us = max(0, now_us - due_us) if due_us is not None else 0
        self.tally.worst_behind_s = max(self.tally.worst_behind_s, self._spoken_behind_us / 1e6)

    def say_left(self, left: Sequence[Said]) -> None:
        """What an earlier run still owed, before anything new."""
        for said in left:
            self._offer(said)

    def _offer(self, said: Said) -> None:
        connection = self.connections[said.route.connection]
        connection.offer(said, self._clock.now_us())
        self._spoke.add(connection)

    def _say_again(self, now_us: int) -> None:
        for said in list(self._custody.overdue(now_us)) if self._custody is not None else ():
            self.tally.resent += 1
            self._offer(said)

    def _round(self, *, rest: bool = True) -> None:
        if self._custody is not None:
            # Before it leaves: what the broker has said yes to must survive us until Kafka has it.
            self._custody.commit()
        self._wires.turn(self._spoke)
        self._spoke.clear()
        now_us = self._clock.now_us()
        if now_us >= self._next_second_us:
            self._next_second_us = now_us + 1_000_000
            self.tally.worst_behind_s = max(self.tally.worst_behind_s, self.behind_s)
            self._say_again(now_us)
            self._each_second(self)
        if rest:
            # Rounds begin on the clock's own beat, so that a busy round is followed by a shorter wait.
            time.sleep(_ROUND_S - now_us / 1e6 % _ROUND_S)
