"""What is written beside."""

from io import BufferedWriter
from pathlib import Path

import msgspec

from iot_simulator import books, ledger
from iot_simulator.episode import Planned
from iot_simulator.said import Said
from tests.iot_simulator.making import SECOND_US, START_US, a_device, a_message, a_route
from wardstream.contracts.ledger import Episode, Sent


def read_lines(path: Path, kind: type[Sent] | type[Episode]) -> list[Sent | Episode]:
    return [msgspec.json.decode(line, type=kind) for line in path.read_bytes().splitlines()]


def test_garbage_is_named_by_the_digest_of_its_bytes() -> None:
    garbage = Said(a_route(), b"abc", 5, 5, None)

    line = ledger.sent(garbage, 5, 9)

    assert line.id == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert not line.valid


def test_an_episode_that_the_end_cut_short_ends_with_the_run() -> None:
    planned = Planned("fever", 10, 90, 0.5)

    line = ledger.episode("device_1", planned, START_US, START_US + 50)

    assert (line.start_us, line.end_us, line.vital) == (START_US + 10, START_US + 50, "temperature_c")


def test_lines_are_in_the_file_after_a_flush_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    file: BufferedWriter
    with path.open("wb") as file:
        lines = ledger.Lines(file)
        lines.write(ledger.sent(a_message(), 1, 2))
        before = path.read_bytes()

        lines.flush()

        assert before == b""
        assert read_lines(path, Sent) == [ledger.sent(a_message(), 1, 2)]


def test_the_books_hold_acknowledged_messages_and_past_and_running_episodes(tmp_path: Path) -> None:
    over, running = Planned("fever", 0, SECOND_US, 0.5), Planned("late", 2 * SECOND_US, 9 * SECOND_US, 0.5)
    device = a_device("packet", (over, running))

    with books.opened(tmp_path / "sent", tmp_path / "truth", lambda: START_US + 5 * SECOND_US) as written:
        written.acknowledged(a_message(), START_US + 5)
        device.timeline.at(3 * SECOND_US)
        written.close([device], [], START_US, START_US + 4 * SECOND_US)

    assert read_lines(tmp_path / "sent", Sent) == [
        ledger.sent(a_message(), START_US + 5, START_US + 5 * SECOND_US)
    ]
    truth = read_lines(tmp_path / "truth", Episode)
    assert {(line.kind, line.end_us - START_US) for line in truth if isinstance(line, Episode)} == {
        ("fever", SECOND_US),
        ("late", 4 * SECOND_US),
    }
