"""How long to pause before the next attempt."""

FIRST_PAUSE_S = 0.2
LONGEST_ASKED_S = 300.0  # an endpoint may ask for more than relay.max_backoff_s, but not for ever


def pause_s(failures: int, asked_s: float | None, max_backoff_s: float, chance: float) -> float:
    """Return the pause after so many failures in a row (1 is the first).

    Doubles from 0.2 s up to `max_backoff_s`, spread by `chance` (0-1) over its upper half so that relays which lost
    the same collector do not come back together. A delay that the endpoint asked for is kept at least.
    """
    doubled = FIRST_PAUSE_S * 2.0 ** min(failures - 1, 30)
    pause = min(doubled, max_backoff_s) * (0.5 + chance / 2)
    return max(pause, min(asked_s or 0.0, LONGEST_ASKED_S))
