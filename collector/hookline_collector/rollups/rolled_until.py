"""Up to when what is worked out by the minute and hour: what answers read of rollups, and what of the rows behind them."""

from __future__ import annotations

from collections.abc import Mapping

from hookline_collector.store.queries import load_query
from hookline_collector.store.rows import Rows


def rolled_until_asked() -> str:
    """Return the statement that asks for it."""
    return load_query(__package__, "rolled_until")


def rolled_until(answer: Rows) -> Mapping[str, int]:
    """Return the ends in seconds since 1970: of `metrics`, and of each word of `database_rollups.TABLES`.

    Of what was never worked out there is none.
    """
    return dict(answer.rows)
