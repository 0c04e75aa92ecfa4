"""When nearly everything is refused, the fault is not the records': better to stop than to set a ward aside."""

_LOOKED_AT = 1000
_TOLERATED = 950


class Flooded(Exception):  # noqa: N818 -- a sentence: "raise Flooded"
    """Nearly all of the last records of readings hold no reading."""


class Flood:
    """Counts refusals over stretches of at least 1,000 records."""

    def __init__(self) -> None:
        self._looked_at = 0
        self._refused = 0

    def refused(self) -> None:
        """One more record held no reading; `Flooded` if that is nearly all there is."""
        self._looked_at += 1
        self._refused += 1
        if self._refused > _TOLERATED and self._refused * _LOOKED_AT > _TOLERATED * self._looked_at:
            raise Flooded(
                "nearly all of the last 1000 records of readings hold no reading: is this build too old?"
            )
        self._forget()

    def passed(self, records: int) -> None:
        """So many records held a reading."""
        self._looked_at += records
        self._forget()

    def _forget(self) -> None:
        """A stretch that is long enough is forgotten by halves."""
        while self._looked_at > 2 * _LOOKED_AT:
            self._looked_at //= 2
            self._refused //= 2
