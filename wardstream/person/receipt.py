"""The receipt of an erasure: what was removed, what ends by itself and when, what is still to come. Pure.

It tells of the person only what `subject` tells: who knows the request and the id can check it.
"""

from collections import Counter

import msgspec

from wardstream.person.journal import Expiry, Frozen, Journal


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """`is_done` is False while files in cold storage are still to be looked into (`scheduled`) or models name the person (`models_left`).

    `rows` and `files` are of the lake, by table. `latest` in `expires` is empty where nothing ends it.
    """

    request: str
    subject: str
    opened_at: str
    done_at: str | None
    is_done: bool
    devices: tuple[str, ...]
    model_and_state: bool
    anomalies: int
    alarms: int
    rows: dict[str, int]
    files: dict[str, int]
    expires: tuple[Expiry, ...]
    scheduled: tuple[Frozen, ...]
    models_left: tuple[str, ...]


def receipt(journal: Journal) -> Receipt:
    """What the journal says."""
    rows: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for one in journal.found:
        table = one.key.partition("/")[0]
        rows[table] += one.rows
        files[table] += 1
    return Receipt(
        request=journal.request,
        subject=journal.subject,
        opened_at=journal.opened_at,
        done_at=journal.done_at,
        is_done=journal.done_at is not None,
        devices=journal.devices or (),
        model_and_state=journal.forgotten_at is not None,
        anomalies=journal.anomalies or 0,
        alarms=journal.alarms or 0,
        rows=dict(sorted(rows.items())),
        files=dict(sorted(files.items())),
        expires=journal.expires,
        scheduled=journal.frozen or (),
        models_left=journal.models,
    )


def text(said: Receipt) -> str:
    """The receipt for people."""
    state = f"done {said.done_at}" if said.is_done else "NOT DONE YET, see the end"
    lines = [
        f"Erasure {said.request}: {state}",
        f"  opened {said.opened_at}; subject {said.subject}",
        "",
        "Removed",
        f"  devices unregistered: {', '.join(said.devices) or 'none'}",
        f"  personal model and the processor's state: {'yes' if said.model_and_state else 'not yet'}",
        f"  DynamoDB: {said.anomalies} anomalies, {said.alarms} alarms",
    ]
    for table, count in said.rows.items():
        lines.append(f"  lake, {table}: {count} rows in {said.files[table]} files")
    if not said.rows:
        lines.append("  lake: no rows")
    lines += ["", "Ends by itself"]
    for one in said.expires:
        lines.append(f"  {one.what}: {one.latest or 'NOTHING ENDS IT'} ({one.why})")
    if said.scheduled:
        size_gb = sum(one.size_bytes for one in said.scheduled) / 1e9
        lines += [
            "",
            "Scheduled",
            f"  {len(said.scheduled)} files in cold storage ({size_gb:.3f} GB) are being restored and may hold rows of this person;",
            "  `wardstream erase --pending` looks into those that have come: run it daily until it says done",
        ]
    if said.models_left:
        lines += [
            "",
            "Not removed",
            f"  {len(said.models_left)} objects of trained models name this person, from {said.models_left[0]} on:",
            "  the next training writes them anew, or `wardstream models forget` now; then run `wardstream erase --pending`",
        ]
    return "\n".join(lines) + "\n"
