"""The store: ClickHouse, embedded or by URL, with its schema, inserts, queries and retention.

`Store` is the only way in; a query returns `Rows`.
"""

from hookline_collector.store.rows import Rows
from hookline_collector.store.store import Store

__all__ = ["Rows", "Store"]
