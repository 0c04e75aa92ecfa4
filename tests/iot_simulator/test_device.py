"""What a device says, when it is well and in each episode, and that the contracts hold for all of it."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_simulator.device import skew_us
from iot_simulator.episode import KINDS, Planned
from iot_simulator.ledger import identity
from iot_simulator.profiles import Profile
from iot_simulator.said import Said
from mqtt_bridge.translate import translate
from tests.iot_simulator.making import SECOND_US, START_US, a_device, talk
from wardstream.contracts.ledger import EpisodeKind
from wardstream.contracts.reading import Reading
from wardstream.contracts.rejected import Rejected

PROFILES: tuple[Profile, ...] = ("bedside", "packet", "native")
MINUTE_S = 60


def in_episode(profile: Profile, kind: EpisodeKind, severity: float = 0.3) -> list[Said]:
    """A minute of a device that is in the episode throughout."""
    planned = Planned(kind, 0, 2 * MINUTE_S * SECOND_US, severity)
    return talk(a_device(profile, (planned,)), profile, MINUTE_S)


def translated(said: Said) -> Reading | Rejected:
    return translate(said.route.topic, said.payload, said.send_at_us, {})


def test_a_bedside_device_says_sixty_heart_rates_six_saturations_and_four_temperatures_a_minute() -> None:
    said = talk(a_device("bedside"), "bedside", MINUTE_S)

    datatypes = [message.payload.split(b'"datatype":"')[1].split(b'"')[0] for message in said]
    assert [datatypes.count(name) for name in (b"HeartRate", b"SPO2", b"Temperature")] == [60, 6, 4]


def test_the_same_seed_says_the_same_whenever_the_run_begins() -> None:
    first = talk(a_device("bedside", seed=5), "bedside", MINUTE_S, START_US)
    later = talk(a_device("bedside", seed=5), "bedside", MINUTE_S, START_US + 7_777_777)

    assert [said.values for said in first] == [said.values for said in later]
    assert [said.send_at_us + 7_777_777 for said in first] == [said.send_at_us for said in later]


def test_another_seed_says_something_else() -> None:
    one = talk(a_device("bedside", seed=5), "bedside", MINUTE_S)
    other = talk(a_device("bedside", seed=6), "bedside", MINUTE_S)

    assert [said.values for said in one] != [said.values for said in other]


def test_a_native_device_counts_its_messages_within_a_boot() -> None:
    said = talk(a_device("native"), "native", 5)

    assert [(message.boot, message.sequence) for message in said] == [(START_US, n) for n in range(1, 6)]


@given(
    st.sampled_from(PROFILES),
    st.none() | st.sampled_from(KINDS),
    st.floats(0, 1),
    st.integers(0, 1000),
)
def test_all_that_is_valid_becomes_the_reading_it_says_and_all_garbage_is_refused(
    profile: Profile, kind: EpisodeKind | None, severity: float, seed: int
) -> None:
    planned = [] if kind is None else [Planned(kind, 0, 45 * SECOND_US, severity)]
    said = talk(a_device(profile, planned, seed), profile, MINUTE_S)

    for message in said:
        result = translated(message)
        if message.values is None:
            assert isinstance(result, Rejected)
            assert result.payload_sha256 == identity(message) == sha256(message.payload).hexdigest()
        else:
            assert isinstance(result, Reading)
            assert result.reading_id == identity(message)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_device_never_says_two_things_under_one_id(profile: Profile) -> None:
    said = talk(a_device(profile), profile, 10 * MINUTE_S)

    assert len({identity(message) for message in said}) == len(said)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_dropout_is_silent(profile: Profile) -> None:
    assert in_episode(profile, "dropout") == []


@pytest.mark.parametrize("profile", PROFILES)
def test_duplicates_say_everything_twice_under_one_id(profile: Profile) -> None:
    said = in_episode(profile, "duplicates")

    ids = [identity(message) for message in said]
    assert len(said) > 0
    assert all(ids.count(message_id) == 2 for message_id in ids)


@pytest.mark.parametrize("profile", PROFILES)
def test_late_messages_leave_up_to_ninety_seconds_after_they_were_measured(profile: Profile) -> None:
    delays_s = [(said.send_at_us - said.measured_at_us) / SECOND_US for said in in_episode(profile, "late")]

    assert all(5 <= delay_s <= 90 for delay_s in delays_s)


def test_out_of_order_messages_overtake_one_another() -> None:
    said = in_episode("bedside", "out_of_order")

    by_leaving = [message.measured_at_us for message in sorted(said, key=lambda message: message.send_at_us)]
    assert by_leaving != sorted(by_leaving)


@given(st.floats(0, 1), st.sampled_from([30 * 60.0, 86_400.0]))
def test_a_skewed_clock_is_within_its_limit_and_never_whole_seconds_off(
    severity: float, limit_s: float
) -> None:
    wrong_us = skew_us(Planned("clock_skew", 0, 1, severity), limit_s)

    assert abs(wrong_us) <= limit_s * SECOND_US
    assert wrong_us % SECOND_US != 0


def test_a_skewed_clock_changes_when_it_was_measured_not_when_it_leaves() -> None:
    said = in_episode("native", "clock_skew")

    assert all(message.measured_at_us != message.send_at_us for message in said)
    assert [message.send_at_us for message in said] == [START_US + n * SECOND_US for n in range(MINUTE_S)]


def test_off_the_body_a_wearable_says_so_and_nothing_of_the_body() -> None:
    said = in_episode("native", "sensor_off")

    assert all(
        message.values is not None and set(message.values) == {"battery_pct", "steps_per_min", "on_body"}
        for message in said
    )
    assert all(b'"on_body":false' in message.payload for message in said)


def test_off_the_finger_a_bedside_clip_reads_what_no_body_has() -> None:
    said = in_episode("bedside", "sensor_off")

    values = [message.values for message in said]
    assert len(values) == 6
    assert all(value is not None and 105 <= value["spo2_pct"] <= 108 for value in values)


def test_a_fever_shows_in_what_is_sent() -> None:
    def mean_temperature_c(said: list[Said]) -> float:
        found = [m.values["temperature_c"] for m in said if m.values and "temperature_c" in m.values]
        return sum(found) / len(found)

    well = talk(a_device("bedside"), "bedside", MINUTE_S)
    ill = in_episode("bedside", "fever", 1.0)

    assert mean_temperature_c(ill) > mean_temperature_c(well) + 0.5


def test_a_spread_without_end_stays_within_what_is_accepted() -> None:
    said = in_episode("bedside", "tachycardia", 1.0)

    assert all(isinstance(translated(message), Reading) for message in said)
