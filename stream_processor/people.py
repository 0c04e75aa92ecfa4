"""The people of one partition: objects while they are busy, bytes while they are not. Pure.

What is kept where: of everybody the row as the state topic has it (0.3 to 1.1 kB), of those heard lately the
decoded state instead (up to 8 kB). Beyond `most_awake` people the one woken first is put to rest.
"""

from collections.abc import Callable

from wardstream.scoring.rows import decode
from wardstream.scoring.state import PatientState


class People:
    """States by key: `awake` decoded, the others as rows. Whoever changes a state puts it in `changed`.

    Both are open to the loop that scores: calls for them would cost a tenth of the scoring.
    """

    def __init__(
        self, rows: dict[bytes, bytes], most_awake: int, encode: Callable[[PatientState], bytes]
    ) -> None:
        self._resting = rows
        self._most_awake = most_awake
        self._encode = encode
        self.awake: dict[bytes, PatientState] = {}
        self.changed: dict[bytes, PatientState] = {}
        self.forgotten: set[bytes] = set()
        # As written last: whoever has not changed since needn't be encoded again to go to rest.
        self._written: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self.awake) + len(self._resting)

    def wake(self, key: bytes) -> PatientState:
        """The state of somebody who isn't awake: a new one if nobody is known by `key`; `UnreadableState` if the row can't be read."""
        row = self._resting.get(key)
        state = self.awake[key] = PatientState() if row is None else decode(row)
        self._resting.pop(key, None)
        return state

    def resting_rows(self) -> dict[bytes, bytes]:
        """The rows of those who aren't awake, by key: to look at, not to change."""
        return self._resting

    def forget(self, key: bytes) -> None:
        """Drops everything known by `key`; whoever is woken by it next is new."""
        self.awake.pop(key, None)
        self.changed.pop(key, None)
        self._resting.pop(key, None)
        self._written.pop(key, None)
        self.forgotten.add(key)

    def changed_rows(self) -> list[tuple[bytes, bytes | None]]:
        """(key, row) of everybody changed since this was last asked; None for those forgotten and not heard of since."""
        encode = self._encode
        self._written = {key: encode(state) for key, state in self.changed.items()}
        rows: list[tuple[bytes, bytes | None]] = list(self._written.items())
        rows += [(key, None) for key in self.forgotten if key not in self.changed]
        self.changed.clear()
        self.forgotten.clear()
        return rows

    def doze(self, key: bytes) -> None:
        """Puts somebody back to rest who was woken to be looked at."""
        self._resting[key] = self._encode(self.awake.pop(key))

    def rest(self) -> None:
        """Puts to rest who is one too many, those woken first before others; nobody whose row is not written."""
        written, self._written = self._written, {}
        excess = len(self.awake) - self._most_awake
        if excess <= 0:
            return
        for key in [key for key in self.awake if key not in self.changed][:excess]:
            state = self.awake.pop(key)
            self._resting[key] = written.get(key) or self._encode(state)
