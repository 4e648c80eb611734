"""The durable queue between the receivers and the store: `Journal` is all that others need.

`record` is the form of one request on the disk, `segment` a file of them, `writer` writes, `recovery` reads what a start finds, `segment_index` and
`signal_journal` are one signal's queue, `disk` is the seam to the operating system.
"""

from hookline_collector.journal.journal import WORTH_BYTES, Journal, JournalDepth
from hookline_collector.journal.segment import Contents, Segment, SegmentPart, Slice

__all__ = ["WORTH_BYTES", "Contents", "Journal", "JournalDepth", "Segment", "SegmentPart", "Slice"]
