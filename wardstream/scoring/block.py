"""Five minutes of one vital: the sums that readings leave behind, so that the costly part of scoring is done once in five minutes."""

import msgspec

# Fewer readings than this in five minutes, and the mean is one artefact's.
ENOUGH = 2
# Two of the five minutes: less is the end of an effort, not a rest.
_SHARE = 0.4


class Block(msgspec.Struct, array_like=True, gc=False):
    """The five minutes number `number` since 1970 (local time): sum and count of values at rest, and of those while pottering about; and how many others there were."""

    number: int
    rest_sum: float = 0.0
    rest_count: int = 0
    light_sum: float = 0.0
    light_count: int = 0
    other_count: int = 0

    @property
    def rest(self) -> float | None:
        """The mean at rest; None if too little was said."""
        return self.rest_sum / self.rest_count if self._is_enough(self.rest_count) else None

    @property
    def light(self) -> float | None:
        """The mean while pottering about; None if too little was said."""
        return self.light_sum / self.light_count if self._is_enough(self.light_count) else None

    def _is_enough(self, count: int) -> bool:
        return count >= ENOUGH and count >= _SHARE * (self.rest_count + self.light_count + self.other_count)
