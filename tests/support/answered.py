"""Reports of a test's store, answered as the collector answers: from what was worked out of everything that was sent."""

from hookline_collector.store import Store
from hookline_collector.work.statements import Query
from hookline_collector.worked_out import WorkedReading, WorkedStore


def answered(store: Store, now_ns: int) -> Query:
    """Work out what is stored and return what answers questions to it: far quicker than from the facts, which `worked_out` is held to elsewhere."""
    worked = WorkedStore(store)
    assert worked.catch_up(now_ns), "not everything was worked out"
    return WorkedReading(store.query, worked, lambda: now_ns).begin().query
