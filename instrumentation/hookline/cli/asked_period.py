"""How far back the commands about services and databases look, and what they say of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def with_since() -> Callable[[Decorated], Decorated]:
    """Add the option `--since`."""
    return click.option(
        "--since", "period", default="24h", show_default=True, help="How far back: 30m, 24h, 7d, today, a date, or FROM..TO with dates or moments."
    )


def asked(path: str, *parts: str, **parameters: Any) -> str:
    """Return the path of a question: `parts` fill its braces, `parameters` that say something follow."""
    filled = path.format(*(quote(part, safe="") for part in parts))
    given = {name: value for name, value in parameters.items() if value not in ("", None)}
    return f"{filled}?{urlencode(given)}" if given else filled


def share(percent: float | None) -> str:
    """Return a share: 0.4 %, 41 %; nothing where there is none."""
    if percent is None:
        return ""
    return f"{percent:.1f} %" if 0 < percent < 10 else f"{percent:.0f} %"


def sessions(mean: float | None) -> str:
    """Return how many sessions there were on average: 0.04, 3.2, 41."""
    if mean is None:
        return ""
    return f"{mean:.2f}" if mean < 1 else f"{mean:.1f}" if mean < 10 else f"{mean:.0f}"
