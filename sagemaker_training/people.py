"""Who of a shard was seen: each person a number in order of appearance. Pure."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sagemaker_training.shards import Shard, bin_of

_OTHERS = -1


class People:
    """Numbers from 0 on for the people of one shard."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._numbers: dict[str, int] = {}

    @property
    def names(self) -> list[str]:
        """User ids by number."""
        return list(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def numbers(self, users: pa.Array) -> NDArray[np.int64]:
        """Each row's person; -1 for other shards' people."""
        encoded = users.dictionary_encode()
        known = np.array([self._number(name) for name in encoded.dictionary.to_pylist()], np.int64)
        rows: NDArray[np.int64] = known[encoded.indices.to_numpy(zero_copy_only=False)]
        return rows

    def _number(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            if not self._shard.owns(bin_of(name)):
                return _OTHERS
            number = self._numbers[name] = len(self._numbers)
        return number
