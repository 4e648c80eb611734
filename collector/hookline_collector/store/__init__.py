"""The store: ClickHouse, embedded or by URL; its schema; inserting, querying and keeping for so long.

`Store` is the only door; `Rows` is what it answers.
"""

from hookline_collector.store.rows import Rows
from hookline_collector.store.store import Store

__all__ = ["Rows", "Store"]
