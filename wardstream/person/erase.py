"""Forgetting one person: the steps in their order, each written down when it is done, so that any number of kills only delays it.

The order matters. First nothing new may come under the person's id (registry), then everything sent before must have arrived
where it goes to (processor, alarm store, lake), and only then is it removed there: else it would arrive after the removal.
"""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

from wardstream.contracts.tables import ALARM_TABLE, ANOMALY_TABLE
from wardstream.contracts.topics import ALARM_ACTIONS, ALARMS, ANOMALIES, READINGS
from wardstream.lake import source
from wardstream.lake.objects import Stored, head
from wardstream.lake.restore import ask
from wardstream.person import expiries, models, tables
from wardstream.person.deeds import Deed, Record, subject
from wardstream.person.journal import Entry, Found, Frozen, Journal, Journals
from wardstream.person.known import devices_of
from wardstream.person.lake import Searcher
from wardstream.person.settings import PersonSettings
from wardstream.person.topics import Topics
from wardstream.runtime import aws
from wardstream.runtime.failure import CannotRun

# Restored copies live as long as a run that comes once a day needs, and a weekend.
_COPY_DAYS = 5
_MOST_PASSES = 20

Wait = Callable[[float], object]


def erase(
    settings: PersonSettings, user_id: str, request: str | None, record: Record, wait: Wait = time.sleep
) -> Journal:
    """Removes this person wherever data lives; what is left to do afterwards is in the journal's `frozen`.

    Safe to kill at any point and to run again: with the same `request`, or without one, which goes on with an unfinished request
    for this person before it opens a new one. `CannotRun` says what is in the way; then run it again. Later readings of a
    device that still speaks under this id are somebody new's.
    """
    journals = Journals(source.bucket(settings))
    entry = _entry(journals, user_id, request)
    if entry.journal.done_at is not None:
        return entry.journal
    record(Deed.of("erasure_begun", user_id, request=entry.journal.request))
    return Erasure(settings, user_id, journals, entry, record=record, wait=wait).run()


def go_on(settings: PersonSettings, record: Record, wait: Wait = time.sleep) -> list[Journal]:
    """Every request that isn't done yet, one step further: for a daily run while cold storage thaws."""
    journals = Journals(source.bucket(settings))
    return [
        Erasure(settings, entry.journal.user_id, journals, entry, record=record, wait=wait).run()
        for entry in journals.unfinished()
        if entry.journal.user_id is not None
    ]


def _entry(journals: Journals, user_id: str, request: str | None) -> Entry:
    if request is None:
        mine = [each for each in journals.unfinished() if each.journal.user_id == user_id]
        if mine:
            return mine[0]
    name = request or secrets.token_hex(6)
    there = journals.open(
        Journal(request=name, subject=subject(user_id, name), opened_at=_now(), user_id=user_id)
    )
    if there.journal.subject != subject(user_id, name):
        raise CannotRun(f"request {name} is about somebody else")
    return there


class Erasure:
    """One run of a request."""

    def __init__(
        self,
        settings: PersonSettings,
        user_id: str,
        journals: Journals,
        entry: Entry,
        *,
        record: Record,
        wait: Wait,
    ) -> None:
        self._settings = settings
        self._user_id = user_id
        self._journals = journals
        self._entry = entry
        self._record = record
        self._wait = wait
        self._bucket = source.bucket(settings)
        self._topics = Topics(settings, settings.erase_patience_s)
        self._searcher = Searcher(self._bucket, user_id)

    @property
    def journal(self) -> Journal:
        """How far it is."""
        return self._entry.journal

    def run(self) -> Journal:
        """Every step that is still to be done."""
        self._unregister()
        self._make_the_processor_forget()
        self._empty_the_tables()
        self._write_out_of_the_lake()
        self._look_into_what_was_cold()
        self._finish()
        return self.journal

    def _write(self, **changed: object) -> None:
        self._entry = self._journals.update(self._entry, self.journal.but(**changed))

    def _unregister(self) -> None:
        if self.journal.devices is None:
            devices = devices_of(self._settings, self._user_id)
            self._write(devices=tuple(device.device_id for device in devices))
        if self.journal.readings_before is None:
            # Asked again: of those noted down before, some may be another's by now.
            theirs = [device.device_id for device in devices_of(self._settings, self._user_id)]
            if theirs:
                self._topics.unregister(theirs)
                self._wait(self._settings.erase_settle_s)
            devices_then = self.journal.devices or ()
            place = self._topics.place(READINGS.name, self._user_id)
            self._write(
                devices=tuple(sorted({*devices_then, *theirs})), readings_before=self._topics.end(place)
            )

    def _make_the_processor_forget(self) -> None:
        group, who = self._settings.processor_group, "the processor"
        if self.journal.forgotten_at is None:
            place = self._topics.place(READINGS.name, self._user_id)
            self._topics.wait_for(group, place, self.journal.readings_before, who)
            at = self._topics.forget(self._user_id, self.journal.request, time.time_ns() // 1000)
            self._write(forgotten_at=at)
        if self.journal.anomalies is None:
            place = self._topics.place(ALARM_ACTIONS.name, self._user_id)
            self._topics.wait_for(group, place, (self.journal.forgotten_at or 0) + 1, who)

    def _empty_the_tables(self) -> None:
        client = aws.dynamodb(self._settings)
        if self.journal.anomalies is None:
            for topic in (ANOMALIES, ALARMS):
                place = self._topics.place(topic.name, self._user_id)
                self._topics.wait_for(self._settings.store_group, place, None, "the alarm store")
            # Counted before anything is deleted: whoever goes on after a kill would find fewer.
            self._write(
                anomalies=sum(1 for _ in tables.anomalies_of(client, self._user_id)),
                alarms=sum(1 for _ in tables.alarms_of(client, self._user_id)),
            )
        if self.journal.rewritten is None:
            tables.delete(client, ANOMALY_TABLE, tables.anomalies_of(client, self._user_id))
            tables.delete(client, ALARM_TABLE, tables.alarms_of(client, self._user_id))

    def _write_out_of_the_lake(self) -> None:
        if self.journal.rewritten is not None:
            return
        self._wait_for_the_sink()
        for _ in range(_MOST_PASSES):
            files = list(self._searcher.files())
            self._note_what_is_cold(files)
            found, changed = self._searcher.search(files)
            self._rewrite(found)
            if not found and not changed:
                # A whole pass over all that is there now found nobody.
                self._write(rewritten=len(self.journal.found))
                return
        raise CannotRun("the lake changes all the time: let the compaction end, then run this again")

    def _wait_for_the_sink(self) -> None:
        group, who = self._settings.sink_group, "the sink"
        place = self._topics.place(READINGS.name, self._user_id)
        self._topics.wait_for(group, place, self.journal.readings_before, who)
        for topic in filter(None, (self._settings.anomalies_topic, self._settings.alarms_topic)):
            self._topics.wait_for(group, self._topics.place(topic, self._user_id), None, who)

    def _note_what_is_cold(self, files: list[Stored]) -> None:
        if self.journal.frozen is None:
            cold = [one for one in files if one.is_cold]
            self._write(frozen=tuple(Frozen(one.key, one.size_bytes, one.storage_class) for one in cold))

    def _rewrite(self, found: list[Found]) -> None:
        known = {one.key for one in self.journal.found}
        new = [one for one in found if one.key not in known]
        if new:
            self._write(found=(*self.journal.found, *new))
        for one in found:
            self._searcher.rewrite(one.key)

    def _look_into_what_was_cold(self) -> None:
        frozen = self.journal.frozen or ()
        if not frozen:
            return
        now = [head(self._bucket, Stored(one.key, one.size_bytes, "", one.storage_class)) for one in frozen]
        ask(self._bucket, [one for one in now if one.is_cold and not one.is_restoring], _COPY_DAYS)
        found, _ = self._searcher.search(one for one in now if one.etag)
        self._rewrite(found)
        still = {one.key for one in now if one.is_cold and one.etag}
        self._write(frozen=tuple(one for one in frozen if one.key in still))

    def _finish(self) -> None:
        now = datetime.now(UTC)
        expires = (
            *expiries.of_topics(self._settings, self._settings.processor_group, now),
            *expiries.of_tables(aws.dynamodb(self._settings), now),
            *expiries.of_versions(self._bucket, now),
        )
        left = tuple(models.naming(self._bucket, self._user_id))
        if self.journal.frozen or left:
            self._write(expires=expires, models=left)
            return
        self._record(Deed.of("erasure_done", self._user_id, request=self.journal.request))
        self._write(expires=expires, models=(), done_at=_now(), user_id=None)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
