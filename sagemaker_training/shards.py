"""Who trains whom: a stable hash gives every person one of 256 bins, and every shard its bins. Pure."""

from hashlib import blake2b
from typing import NamedTuple

# A bin is what the shelf writes at once: at ten million people, 39,000 of them.
BINS = 256


class Shard(NamedTuple):
    """The `part`th (from 0) of `parts` trainers. Together they train everybody once, each without knowing of the others."""

    part: int
    parts: int

    def owns(self, number: int) -> bool:
        """Whether the people of this bin are trained here."""
        return number % self.parts == self.part


WHOLE = Shard(0, 1)


def bin_of(user_id: str) -> int:
    """A person's bin, 0 up to `BINS`: the same on every machine, and independent of their Kafka partition."""
    return blake2b(user_id.encode(), digest_size=1).digest()[0]


def parsed(text: str) -> Shard:
    """The shard that `i/n` names; `ValueError` says what is wrong with it."""
    part, slash, parts = text.partition("/")
    if not (slash and part.isdecimal() and parts.isdecimal()):
        raise ValueError("a shard is written i/n, from 0/n to n-1/n")
    shard = Shard(int(part), int(parts))
    if not 1 <= shard.parts <= BINS:
        raise ValueError(f"there can be 1 to {BINS} shards")
    if shard.part >= shard.parts:
        raise ValueError(f"the last of {shard.parts} shards is {shard.parts - 1}/{shard.parts}")
    return shard
