"""pytest-randomly, which draws the order of tests and the seeds, without what it would seed beside Python's own.

Faker, polyfactory and numpy come with libraries, no test draws from them, and to import them takes two seconds of each process.
"""

from __future__ import annotations

import sys
from typing import Final

HIDDEN: Final = [name for name in ("faker", "polyfactory", "numpy") if name not in sys.modules]

sys.modules.update(dict.fromkeys(HIDDEN))  # type: ignore[arg-type] # what is None cannot be imported
try:
    from pytest_randomly import *  # noqa: F403
finally:
    for name in HIDDEN:
        del sys.modules[name]
