"""The way from the journal into the store: `Delivery` works, `Quarantine` keeps what the store would not take.

`service` runs it, `segment_delivery` sends one segment and narrows down what is bad in it, `retirement` lets it go when the store's disk has it,
`breaker` and `shared_breaker` decide when the store is tried, `suspects` tells a store that is away from a segment that it will not take.
"""

from hookline_collector.delivery.quarantine import Quarantine, QuarantineEntry
from hookline_collector.delivery.segment_delivery import SegmentStore
from hookline_collector.delivery.service import MAX_UNSECURED_BYTES, Delivery, DeliveryStatus

__all__ = ["MAX_UNSECURED_BYTES", "Delivery", "DeliveryStatus", "Quarantine", "QuarantineEntry", "SegmentStore"]
