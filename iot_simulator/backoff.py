"""How long to wait before dialling again: twice as long each time, never all at once."""

from random import Random

_FIRST_S = 0.5
_LONGEST_S = 30.0
# 2^6 * 0.5 s is over the longest already; a larger power would only overflow after weeks.
_DOUBLINGS = 6


def delay_s(failures: int, rng: Random) -> float:
    """Seconds to wait after so many failures in a row (1 or more); between half of the step and the whole of it.

    The jitter keeps a thousand devices from dialling in the same second after a broker's restart.
    """
    step: float = min(_LONGEST_S, _FIRST_S * 2.0 ** min(failures - 1, _DOUBLINGS))
    return step * rng.uniform(0.5, 1.0)
