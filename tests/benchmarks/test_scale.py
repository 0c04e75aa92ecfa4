"""docs/scale.md says what the figures say, and the arithmetic behaves."""

import pytest

from benchmarks.figures import newest, prices, results
from benchmarks.scale.__main__ import PAGE, fitted, rewritten
from benchmarks.scale.cost import month
from benchmarks.scale.needs import Assumed, Kind, Needs, needs
from benchmarks.scale.sizes import MEANT, sizes

KIND = Kind("some", 1.0, 200, 300)


def needed(**other: float) -> Needs:
    return needs(KIND, newest(), 7 * 86_400, 300, Assumed()._replace(**other))  # type: ignore[arg-type]  # fields of several types


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text()

    assert rewritten(page) == page, "run `python -m benchmarks.scale`"


def test_the_page_has_every_table_and_none_is_empty() -> None:
    page = PAGE.read_text()

    for name in ("needs", "sizes", "assumed", "costs", "measured", "prices"):
        table = page.partition(f"<!-- begin {name} -->")[2].partition(f"<!-- end {name} -->")[0]
        assert table.count("\n|") > 5, name


def test_a_page_with_an_older_table_is_told_from_one_that_is_up_to_date() -> None:
    older = PAGE.read_text().replace("| readings a second |", "| readings a minute |")

    assert rewritten(older) != older


def test_every_result_says_when_where_and_by_which_command_it_was_measured() -> None:
    for result in results().values():
        assert result.measured
        assert result.machine
        assert all(figure.command for figure in result.figures.values())


def test_twice_the_devices_need_about_twice_the_tasks() -> None:
    one, two = needed(devices=1_000_000), needed(devices=2_000_000)

    assert two.readings_per_s == 2 * one.readings_per_s
    assert two.tasks == pytest.approx(2 * one.tasks, abs=4)
    assert two.disk_tib == pytest.approx(2 * one.disk_tib)


def test_few_devices_need_what_survives_a_loss() -> None:
    few = needed(devices=10)

    assert (few.brokers, few.bridges, few.processors, few.sinks, few.stores) == (3, 2, 2, 2, 2)
    assert few.partitions == 8


def test_a_million_states_every_two_seconds_are_more_than_the_readings() -> None:
    assert needed(checkpoint_s=2.0).state_mib_s == pytest.approx(570, rel=0.01)


def test_every_price_is_used_or_shown() -> None:
    lines = month(KIND, needed(), Assumed(), prices())

    assert all(usd > 0 for usd in lines.values())


@pytest.mark.parametrize("name", MEANT)
def test_a_size_of_the_template_is_enough_for_the_devices_it_is_meant_for(name: str) -> None:
    found = fitted(name, sizes()[name])

    assert [row for row in found if not row.is_enough] == []


def test_sizes_are_meant_for_a_hundred_ten_thousand_and_a_million() -> None:
    assert {name: meant.devices for name, meant in MEANT.items()} == {
        "pilot": 100,
        "hospital": 10_000,
        "region": 1_000_000,
    }
    assert sizes().keys() == MEANT.keys()


@pytest.mark.parametrize(
    ("less", "what"),
    [
        ({"broker_gib": 1000}, "brokers, by throughput and disk"),
        ({"partitions": 4}, "partitions"),
        ({"most_tasks": 0}, "cores of the busiest service, half busy"),
        ({"fewest_tasks": 0}, "cores of the busiest service, all tasks busy"),
        ({"ack_interval_s": 0.001, "cpu": 256}, "cores of the acker, devices numbering"),
        ({"budget_usd": 5000}, "USD a month"),
    ],
)
def test_a_size_that_is_too_small_is_told(less: dict[str, float], what: str) -> None:
    # Disks for 2,250 GiB and a budget of 5,000 USD are what hospital had before this was computed.
    found = fitted("hospital", sizes()["hospital"]._replace(**less))  # type: ignore[arg-type]  # fields of several types

    assert what in {row.what for row in found if not row.is_enough}
