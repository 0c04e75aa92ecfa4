"""The report tells a loss from a delay, and a resend from a duplicate."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from wardstream.report.figures import Carried, Claim, Figures, Kept, Raised, compute

NOW_US = 1_000_000_000


def claim(*, sent_at_us: int = 0, acknowledged: bool = True, valid: bool = True) -> Claim:
    return Claim(sent_at_us=sent_at_us, acknowledged=acknowledged, valid=valid)


def carried(
    readings: list[str], rejected: set[str] | None = None, raised: dict[str, Raised] | None = None
) -> Carried:
    return Carried(
        readings=Counter(readings),
        scored=set(readings),
        rejected=rejected or set(),
        anomalies=set(),
        raised=raised or {},
        cleared=set(),
    )


def figures(
    claims: dict[str, Claim], kafka: Carried, lake: list[str], alarms: set[str] | None = None
) -> Figures:
    return compute(
        claims, kafka, Kept(lake=Counter(lake), alarms=alarms or set()), horizon_us=NOW_US, seconds=1.0
    )


def test_everything_where_it_belongs_holds() -> None:
    claims = {"a": claim(), "b": claim(), "garbage": claim(valid=False)}

    found = figures(claims, carried(["a", "b"], {"garbage"}), ["a", "b"])

    assert (found.published, found.parquet_rows, found.rejected, found.in_kafka) == (3, 2, 1, 3)
    assert found.holds


def test_an_acknowledged_reading_that_is_not_in_the_lake_is_lost() -> None:
    found = figures({"a": claim(), "b": claim()}, carried(["a", "b"]), ["a"])

    assert found.lost == 1
    assert not found.holds


def test_garbage_that_reached_the_lake_instead_of_the_rejects_is_lost() -> None:
    found = figures({"g": claim(valid=False)}, carried(["g"]), ["g"])

    assert found.lost == 1


def test_a_reading_that_was_never_acknowledged_is_not_lost_but_the_report_does_not_hold() -> None:
    found = figures({"a": claim(acknowledged=False)}, carried([]), [])

    assert found.lost == 0
    assert not found.holds


def test_a_reading_sent_after_the_horizon_is_not_judged_yet() -> None:
    found = figures({"a": claim(), "late": claim(sent_at_us=NOW_US + 1)}, carried(["a"]), ["a"])

    assert found.published == 1
    assert found.holds


def test_a_resent_reading_is_one_but_two_rows_in_the_lake_are_a_duplicate() -> None:
    resent = figures({"a": claim()}, carried(["a", "a"]), ["a"])
    doubled = figures({"a": claim()}, carried(["a"]), ["a", "a"])

    assert (resent.resent, resent.duplicates, resent.holds) == (1, 0, True)
    assert (doubled.duplicates, doubled.holds) == (1, False)


def test_a_row_that_no_ledger_claims_is_told() -> None:
    found = figures({"a": claim()}, carried(["a", "x"]), ["a", "x"])

    assert found.unexpected == 1


def test_an_alarm_that_did_not_reach_the_table_breaks_the_report() -> None:
    raised = {
        "alarm": Raised(
            reading_id="a",
            recorded_at_us=250_000,
            user_id="u",
            kind="clinical",
            priority="high",
            sentence="s",
        )
    }

    missing = figures({"a": claim()}, carried(["a"], raised=raised), ["a"])
    stored = figures({"a": claim()}, carried(["a"], raised=raised), ["a"], {"alarm"})

    assert not missing.holds
    assert stored.holds
    assert stored.reading_to_alarm_ms.p99 == 250.0


def test_an_alarm_that_waits_for_silence_is_no_delay() -> None:
    silent = Raised(
        reading_id="a", recorded_at_us=250_000, user_id="u", kind="silence", priority="medium", sentence="s"
    )

    found = figures({"a": claim()}, carried(["a"], raised={"alarm": silent}), ["a"], {"alarm"})

    assert (found.alarms_raised, found.reading_to_alarm_ms.p99) == (1, None)


def test_an_alarm_raised_after_the_horizon_is_not_judged_yet() -> None:
    fresh = Raised(
        reading_id="a", recorded_at_us=NOW_US + 1, user_id="u", kind="clinical", priority="high", sentence="s"
    )

    found = figures({"a": claim()}, carried(["a"], raised={"alarm": fresh}), ["a"])

    assert found.alarms_raised == 0
    assert found.holds


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=300))
def test_percentiles_are_values_that_enough_do_not_exceed(delays_ms: list[int]) -> None:
    claims = {str(number): claim() for number in range(len(delays_ms))}
    raised = {
        str(number): Raised(
            reading_id=str(number),
            recorded_at_us=delay * 1000,
            user_id="u",
            kind="clinical",
            priority="p",
            sentence="",
        )
        for number, delay in enumerate(delays_ms)
    }

    found = figures(claims, carried(list(claims), raised=raised), list(claims)).reading_to_alarm_ms

    assert found.p99 is not None
    assert found.p99 in delays_ms
    assert sum(delay <= found.p99 for delay in delays_ms) >= 0.99 * len(delays_ms)
