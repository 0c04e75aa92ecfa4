"""Who trains whom."""

import pytest

from sagemaker_training.shards import BINS, Shard, bin_of, parsed

_PEOPLE = [f"person-{number}" for number in range(5000)]


@pytest.mark.parametrize("parts", [1, 2, 7, 256])
def test_shards_train_everybody_once(parts: int) -> None:
    shards = [Shard(part, parts) for part in range(parts)]

    owners = [sum(shard.owns(bin_of(user)) for shard in shards) for user in _PEOPLE]

    assert set(owners) == {1}


def test_shards_are_about_equally_large() -> None:
    sizes = [sum(Shard(part, 4).owns(bin_of(user)) for user in _PEOPLE) for part in range(4)]

    assert min(sizes) > 0.9 * len(_PEOPLE) / 4


def test_a_persons_bin_never_changes() -> None:
    # Books written years ago are looked up by it.
    assert [bin_of(user) for user in ("person-3", "ada", "wearer_01")] == [12, 147, 166]


@pytest.mark.parametrize("text", ["", "1", "2/2", "-1/2", "0/0", f"0/{BINS + 1}", "a/b"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="shard"):
        parsed(text)
