"""A run, from options to exit code: the room that puts the others together."""

import resource
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from random import Random
from typing import NamedTuple

from iot_simulator import books, company, keeping, reach, reporter, single
from iot_simulator.clock import Clock
from iot_simulator.company import Company
from iot_simulator.connection import Acknowledged, Connection, Heard
from iot_simulator.custody import Custody
from iot_simulator.fleet import Fleet, Limits
from iot_simulator.link import Link
from iot_simulator.options import FleetOptions, SingleOptions
from iot_simulator.outbox import Outbox
from iot_simulator.recording import Unusable
from iot_simulator.reporter import Reporter
from iot_simulator.said import Said
from iot_simulator.schedule import Schedule
from iot_simulator.tally import Tally
from wardstream.contracts.topics import ack_topic
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.health import Health
from wardstream.runtime.shutdown import Shutdown

# Files, pipes and libraries besides the sockets.
_OTHER_FILES = 100


class Cast(NamedTuple):
    """Who speaks, over what, and who listens."""

    company: Company
    link: Link
    listen: tuple[str, Heard] | None


def run(options: FleetOptions | SingleOptions, asked: Shutdown, health: Health) -> int:
    """Speaks as the options say, until done or asked to leave. The exit code: 0, or 1 when the broker took nothing of what
    there was to say.

    `CannotRun` when files or certificates can't be used.
    """
    cast = _cast(options, asked.request)
    clock = Clock()
    try:
        with (
            books.opened(options.ledger, options.truth, clock.now_us) as written,
            _kept(options, cast.company, clock) as kept,
        ):
            return _played(
                options, cast, clock, written=written, kept=kept, stop=lambda: asked.requested, health=health
            )
    except OSError as error:
        raise CannotRun(f"{error.filename}: {error.strerror}") from error


_Kept = tuple[Custody, Sequence[Said]] | None


def _kept(
    options: FleetOptions | SingleOptions, everyone: Company, clock: Clock
) -> AbstractContextManager[_Kept]:
    if options.keep is None:
        return nullcontext()
    return keeping.kept_in(options.keep, options.outbox, everyone.routes, clock.now_us())


def _cast(options: FleetOptions | SingleOptions, stop: Callable[[], None]) -> Cast:
    if isinstance(options, SingleOptions):
        return Cast(single.company(options), reach.of_single(options), single.listening(options, stop))
    try:
        return Cast(company.of_fleet(options), reach.of_fleet(options), None)
    except Unusable as error:
        raise CannotRun(str(error)) from error


def _played(
    options: FleetOptions | SingleOptions,
    cast: Cast,
    clock: Clock,
    *,
    written: books.Books,
    kept: _Kept,
    stop: Callable[[], bool],
    health: Health,
) -> int:
    everyone = cast.company
    tally = Tally()
    custody, left = kept or (None, ())
    shown = Reporter(everyone.size, cast.link.broker, health)

    def acknowledged(said: Said, sent_at_us: int) -> None:
        written.acknowledged(said, sent_at_us)
        if custody is not None:
            custody.passed(said, clock.now_us())

    def carried(said: Said) -> None:
        tally.carried += 1
        written.carried(said)

    hears = keeping.hearing(custody, clock.now_us, carried) if custody is not None else None
    connections = _connections(options, cast, tally, acknowledged, hears)
    start_us = clock.now_us()

    def each_second(fleet: Fleet) -> None:
        shown.second(fleet)
        written.flush(everyone.devices, start_us)

    fleet = Fleet(connections, tally, clock, each_second, stop, custody=custody)
    limits = Limits(
        duration_s=options.duration, drain_s=options.drain, ends_when_silent=bool(everyone.voices)
    )
    fleet.gather(limits)
    fleet.say_left(left)
    start_us = clock.now_us()
    fleet.speak(_schedule(everyone, start_us), start_us, limits)
    end_us = clock.now_us()
    fleet.drain(limits)
    written.close(everyone.devices, connections, start_us, end_us)
    figures = reporter.summary(fleet, everyone.size)
    shown.close(figures)
    if options.summary is not None:
        options.summary.write_bytes(reporter.as_json(figures))
    return 0 if _went_well(fleet, everyone, asked=stop()) else 1


def _schedule(everyone: Company, start_us: int) -> Schedule:
    schedule = Schedule(start_us)
    for since_start_us, voice in everyone.voices:
        schedule.add(since_start_us, voice)
    return schedule


def _connections(
    options: FleetOptions | SingleOptions,
    cast: Cast,
    tally: Tally,
    acknowledged: Acknowledged,
    hears: Heard | None,
) -> list[Connection]:
    names = cast.company.client_ids
    _allow_files(len(names) + _OTHER_FILES)
    capacity = max(1, options.outbox // len(names))
    links = (
        reach.each_with_its_own(cast.link, options, names)
        if isinstance(options, FleetOptions)
        else [cast.link] * len(names)
    )
    topics: list[list[str]] = [[] for _ in names]
    for route in cast.company.routes:
        topics[route.connection].append(ack_topic(route.device_id))
    return [
        Connection(
            name,
            link,
            outbox=Outbox(capacity),
            tally=tally,
            acknowledged=acknowledged,
            rng=Random(f"{options.seed}/{name}/backoff"),  # noqa: S311 -- no secret: jitter
            listen=cast.listen,
            acks=(topics[number], hears) if hears is not None else None,
        )
        for number, (name, link) in enumerate(zip(names, links, strict=True))
    ]


def _allow_files(needed: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise CannotRun(f"{needed} open files are needed and {hard} allowed: use fewer --connections")
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _went_well(fleet: Fleet, everyone: Company, *, asked: bool) -> bool:
    if asked and not (fleet.under_way or fleet.queued):
        # Asked to leave before it had said anything: nothing is owed.
        return True
    if everyone.voices:
        return fleet.tally.acknowledged > 0
    return any(connection.up_since_us for connection in fleet.connections)
