"""From a request's bytes to the journal: counted, parsed, examined, freed of repetitions.

`intake` is the way through; `counting` and `parsing` bound what a request may cost, `items` finds what cannot be stored,
`duplicates` what was received before, `admission` bounds what is worked on at once, `subscribers` shows agents' telemetry to
who asked for it.
"""

from hookline_collector.ingest.admission import Admission, Slot
from hookline_collector.ingest.duplicates import Key, log_key, span_key
from hookline_collector.ingest.pipeline import Ingest, IngestResult, RequestJournal
from hookline_collector.ingest.subscribers import Subscription

__all__ = ["Admission", "Ingest", "IngestResult", "Key", "RequestJournal", "Slot", "Subscription", "log_key", "span_key"]
