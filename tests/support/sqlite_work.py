"""A database that a service asks: SQLite in memory, through SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy


@contextmanager
def in_sqlite(**how: Any) -> Iterator[sqlalchemy.Connection]:
    """Connect to a new one, with more arguments of `create_engine`, and close it: from Python 3.13 on one that is left open warns."""
    engine = sqlalchemy.create_engine("sqlite://", **how)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
