"""The way from the journal into the store: `Handover` works, `Quarantine` keeps what the store would not take.

`delivery` sends one segment and narrows down what is bad in it, `retirement` lets it go when the store's disk has it,
`breaker` and `gate` decide when the store is tried, `suspects` tells a
store that is away from a segment that it will not take.
"""

from hookline_collector.handover.delivery import Store
from hookline_collector.handover.handover import MAX_UNSECURED_BYTES, Handover, Status
from hookline_collector.handover.quarantine import Entry, Quarantine

__all__ = ["MAX_UNSECURED_BYTES", "Entry", "Handover", "Quarantine", "Status", "Store"]
