"""How far a device's numbers have come without a gap. Facts only ever add up, so order and repetition don't matter."""

from bisect import bisect_right

import msgspec

from wardstream.contracts.ack import Ack
from wardstream.contracts.malformed import Malformed
from wardstream.contracts.reading import Count

# What lies beyond a gap is remembered in so many runs; a device sends again what was forgotten.
MOST_RUNS = 256
# A device that was away may still say what it kept of some boots before.
MOST_BOOTS = 16
_HIGHEST = 2**63 - 1

Run = tuple[Count, Count]


class _Boot(msgspec.Struct):
    """Everything from 1 to `through`, and the runs `beyond` (first, last): sorted, apart from it and from one another."""

    boot: Count
    through: Count = 0
    beyond: list[Run] = []

    def add(self, number: int) -> None:
        if number == self.through + 1:
            self.through = number
            self._swallow()
        elif number > self.through:
            self._note(number)

    def _swallow(self) -> None:
        while self.beyond and self.beyond[0][0] <= self.through + 1:
            self.through = max(self.through, self.beyond.pop(0)[1])

    def _note(self, number: int) -> None:
        runs = self.beyond
        place = bisect_right(runs, (number, _HIGHEST))
        first = last = number
        if place and runs[place - 1][1] >= number - 1:
            place -= 1
            first, last = runs[place][0], max(runs[place][1], number)
            del runs[place]
        if place < len(runs) and runs[place][0] == last + 1:
            last = runs.pop(place)[1]
        runs.insert(place, (first, last))
        del runs[MOST_RUNS:]


class Progress(msgspec.Struct, tag_field="v", tag=1):
    """What is known of one device; the value of topic `device-acks`. `boots`: the one heard last stands last."""

    boots: list[_Boot] = []

    def add(self, boot: int, number: int) -> None:
        """Kafka has this number. Those below 1 and over what a reading may have say nothing."""
        if not (0 <= boot <= _HIGHEST and 1 <= number <= _HIGHEST):
            return
        found = self._heard(boot)
        found.add(number)

    def ack(self, boot: int) -> Ack | None:
        """The acknowledgement of a boot; None as long as its first number is missing."""
        for known in self.boots:
            if known.boot == boot and known.through:
                return Ack(boot, known.through)
        return None

    def _heard(self, boot: int) -> _Boot:
        boots = self.boots
        if boots and boots[-1].boot == boot:
            return boots[-1]
        for place, known in enumerate(boots):
            if known.boot == boot:
                boots.append(boots.pop(place))
                return known
        boots.append(_Boot(boot))
        del boots[:-MOST_BOOTS]
        return boots[-1]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Progress)


def encode(progress: Progress) -> bytes:
    """A row of `device-acks`."""
    return _encoder.encode(progress)


def decode(row: bytes) -> Progress:
    """What `encode` wrote; `Malformed` for anything else."""
    try:
        return _decoder.decode(row)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed("format", "no row of device-acks") from error
