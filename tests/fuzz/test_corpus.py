"""What fuzzing found stays found; and a small run of it."""

import pytest

from tests.fuzz.__main__ import CORPUS, share
from tests.fuzz.targets import TARGETS, answered, seeds

_KEPT = sorted(file.name for file in CORPUS.iterdir())


@pytest.mark.parametrize("name", _KEPT)
def test_an_input_that_was_found_is_refused_or_means_something(name: str) -> None:
    target = name.partition("-")[0]

    # Not that of today: a better reason may come. That there is one.
    assert answered(target, (CORPUS / name).read_bytes())


def test_every_target_has_inputs_that_were_kept() -> None:
    assert {name.partition("-")[0] for name in _KEPT} == set(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_a_targets_seeds_are_not_all_refused(target: str) -> None:
    answers = {answered(target, data) for data in seeds(target)}

    assert any(answer.isidentifier() for answer in answers)


def test_a_small_run_finds_nothing() -> None:
    found = share("short", 3000)

    assert not found.faults
