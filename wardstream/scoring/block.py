"""Five minutes of one vital: the sums that readings leave behind, so that the costly part of scoring is done once in five minutes."""

import msgspec

# Fewer readings than this in five minutes, and the mean is one artefact's.
ENOUGH = 2


class Block(msgspec.Struct, array_like=True, gc=False):
    """The five minutes number `number` since 1970 (local time): sum and count of values at rest, and of those while pottering about."""

    number: int
    rest_sum: float = 0.0
    rest_count: int = 0
    light_sum: float = 0.0
    light_count: int = 0

    @property
    def rest(self) -> float | None:
        """The mean at rest; None if too little was said."""
        return self.rest_sum / self.rest_count if self.rest_count >= ENOUGH else None

    @property
    def light(self) -> float | None:
        """The mean while pottering about; None if too little was said."""
        return self.light_sum / self.light_count if self.light_count >= ENOUGH else None
