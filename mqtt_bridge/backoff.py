"""How long to wait before trying a busy world again."""

_FIRST_S = 0.1
# Short, because a restarted Mosquitto (2.0) knows no shared subscription until its subscriber is back, and drops
# what comes meanwhile. The whole fleet of bridges has a handful of sessions: no herd to hold off.
_LONGEST_S = 2.0
_DOUBLINGS = 5


def pause_s(failures: int, jitter: float) -> float:
    """Seconds before the next attempt after `failures` in a row: doubling to two seconds.

    `jitter` (0 to 1) spreads replicas over the second half of the pause, so that they don't come back all at once.
    """
    longest = min(_LONGEST_S, _FIRST_S * 2.0 ** min(failures, _DOUBLINGS))
    return longest * (0.5 + jitter / 2)
