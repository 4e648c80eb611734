"""How much the long tests do: a sample beside all other tests, a middle portion for minutes, the whole in a soak.

HOOKLINE_SOAK says which: unset for the sample, `short` for the sample of those that are too long for `make test`, `middle`, or a number for the
whole, so many times over. A test that asks for its share here
carries the mark `soak` (those of Hypothesis get it by themselves), so that `make soak` and the middle portion run these tests and no others.
The sample is the same examples in every run, so that a change is to blame for what fails; the middle portion and the whole draw new ones.
"""

from __future__ import annotations

import os
from typing import Final, TypeVar

T = TypeVar("T")
ASKED: Final = os.environ.get("HOOKLINE_SOAK", "")
IS_SAMPLE: Final = ASKED in ("", "short")
IS_MIDDLE: Final = ASKED == "middle"
IS_WHOLE: Final = ASKED not in ("", "short", "middle")
TIMES: Final = int(ASKED) if IS_WHOLE else 1


def share(sample: T, middle: T, whole: T) -> T:
    """Return what is to be done now."""
    return whole if IS_WHOLE else middle if IS_MIDDLE else sample


def examples(middle: int) -> int:
    """Return how many examples Hypothesis tries: a tenth of the middle portion in the sample, ten times as many in the whole."""
    return share(max(3, middle // 10), middle, 10 * middle * TIMES)
