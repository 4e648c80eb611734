"""From a request's bytes to the journal: counted, parsed, examined, freed of repetitions.

`pipeline` is the way through; `counting` and `parsing` bound what a request may cost, `items` finds what cannot be stored,
`duplicates` what was received before, `admission` bounds what is worked on at once, `agents` tells agents' telemetry from others', and
`remembered` brings back after a restart what was received before it.
"""

from hookline_collector.ingest.duplicates import Key, log_key, span_key
from hookline_collector.ingest.pipeline import Hold, Ingest, IngestResult, Reader, RequestConsumer, RequestJournal

__all__ = ["Hold", "Ingest", "IngestResult", "Key", "Reader", "RequestConsumer", "RequestJournal", "log_key", "span_key"]
