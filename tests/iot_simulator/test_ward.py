"""The devices of a run: their connections, phases and repeatability."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from iot_simulator import ward
from iot_simulator.profiles import parts, profile_of, rate_per_s
from iot_simulator.said import Route
from iot_simulator.schedule import Schedule
from iot_simulator.ward import Ward
from tests.iot_simulator.making import SECOND_US, START_US


def routes_of(devices: int, connections: int) -> tuple[Route, ...]:
    return ward.routes(ward.ids("device_", devices), "iot/device", connections)


def first_seconds(described: Ward, seconds: int, start_us: int = START_US) -> list[tuple[str, int, object]]:
    """(device, measured after the start, values) of all that is said."""
    schedule = Schedule(start_us)
    for first_us, voice in ward.voices(described, routes_of(described.devices, described.connections)):
        schedule.add(first_us, voice)
    spoken: list[tuple[str, int, object]] = []
    while (schedule.next_voice_us or 0) < start_us + seconds * SECOND_US:
        spoken += [(s.route.device_id, s.measured_at_us - start_us, s.values) for s in schedule.speak()]
    return spoken


@given(st.integers(1, 300), st.integers(1, 300))
def test_devices_are_shared_out_evenly_and_every_connection_has_some(devices: int, connections: int) -> None:
    connections = min(devices, connections)

    sharing = Counter(route.connection for route in routes_of(devices, connections))

    assert set(sharing) == set(range(connections))
    assert max(sharing.values()) - min(sharing.values()) <= 1


def test_ids_and_topics_are_as_the_readme_says() -> None:
    routes = routes_of(2, 2)

    assert [(route.device_id, route.topic) for route in routes] == [
        ("device_0", "iot/device/device_0"),
        ("device_1", "iot/device/device_1"),
    ]


def test_a_run_can_be_repeated_at_another_time() -> None:
    described = Ward(devices=6, connections=6, seed=3, profile="mix", episodes_per_hour=600.0)

    one = first_seconds(described, 60)
    other = first_seconds(described, 60, START_US + 123_456_789_000_000)

    assert one == other


def test_another_seed_is_another_ward() -> None:
    one = first_seconds(Ward(devices=5, connections=5, seed=1), 20)
    other = first_seconds(Ward(devices=5, connections=5, seed=2), 20)

    assert {phase for _name, phase, _values in one} != {phase for _name, phase, _values in other}


def test_more_devices_do_not_change_what_those_before_them_say() -> None:
    few = Ward(devices=3, connections=1, seed=1)
    many = Ward(devices=9, connections=1, seed=1)

    said_by_few = [values for name, _at, values in first_seconds(few, 10) if name == "device_1"]
    said_by_many = [values for name, _at, values in first_seconds(many, 10) if name == "device_1"]

    assert said_by_few[:8] == said_by_many[:8]


def test_start_phases_are_spread_over_the_second() -> None:
    described = Ward(devices=1000, connections=1000, seed=1)

    tenths = Counter(at_us // 100_000 for _name, at_us, _values in first_seconds(described, 1))

    assert len(tenths) == 10
    assert max(tenths.values()) < 1.5 * min(tenths.values())


def test_ten_thousand_bedside_devices_say_eleven_thousand_seven_hundred_a_second() -> None:
    assert round(10_000 * rate_per_s(parts("bedside", None)), -2) == 11_700


def test_a_mix_has_each_profile_in_turn() -> None:
    assert [profile_of("mix", number) for number in range(4)] == ["bedside", "packet", "native", "bedside"]
