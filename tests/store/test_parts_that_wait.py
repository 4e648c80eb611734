"""What waits to be merged in the embedded engine: how many parts a merge takes, how large its result becomes, how many tokens a table keeps."""

import itertools
import re
from collections.abc import Iterator

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline.settings.schema import StoreSettings
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.schema.migrations import placeholders
from support.running import wait_for
from support.stores import fresh_token, kept_open

NOON_NS = 1_790_000_000 * 10**9
MERGED_ONCE = (
    "SELECT max(max_block_number - min_block_number + 1) FROM system.parts"
    " WHERE database = currentDatabase() AND table = 'otel_traces_trace_id_ts' AND level = 1"
)
PARTS_OF_SPANS = "SELECT count() FROM system.parts WHERE active AND database = currentDatabase() AND table = 'otel_traces'"
TABLES = ("otel_traces", "otel_traces_trace_id_ts", "requests_state")


def span(number: int) -> bytes:
    request = ExportTraceServiceRequest()
    listed = request.resource_spans.add().scope_spans.add().spans
    at = NOON_NS + number
    listed.add(trace_id=(number + 1).to_bytes(16, "big"), span_id=(number + 1).to_bytes(8, "big"), start_time_unix_nano=at, end_time_unix_nano=at)
    return request.SerializeToString()


def settings_of(store: Store, table: str) -> dict[str, str]:
    definition = str(store.query(f"SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = '{table}'").scalar())
    return dict(re.findall(r"(\w+) = '?([\w.]+)", definition.partition(" SETTINGS ")[2]))


@pytest.fixture
def merges_stopped() -> Iterator[Store]:
    """An empty embedded store in which traces' times are not merged."""
    store = kept_open("embedded", 7)
    table = f"{store.database}.otel_traces_trace_id_ts"
    store.command(f"SYSTEM STOP MERGES {table}")
    store.command(f"TRUNCATE TABLE {table}")
    yield store
    store.command(f"SYSTEM START MERGES {table}")


def test_tables_of_spans_keep_few_tokens_and_merge_as_said() -> None:
    """The settings stand in the tables, in place of those that the tables were made with."""
    found = {table: settings_of(kept_open("embedded", 7), table) for table in TABLES}
    assert {table: settings["non_replicated_deduplication_window"] for table, settings in found.items()} == dict.fromkeys(TABLES, "3000")
    assert (found["otel_traces"]["min_parts_to_merge_at_once"], found["otel_traces"]["max_parts_to_merge_at_once"]) == ("8", "16")
    assert found["otel_traces"]["max_bytes_to_merge_at_max_space_in_pool"] == str(256 << 20)
    assert found["otel_traces_trace_id_ts"]["max_parts_to_merge_at_once"] == "40"
    assert "max_parts_to_merge_at_once" not in found["requests_state"]


def test_a_server_merges_as_out_of_the_box_and_keeps_ten_thousand_tokens() -> None:
    """Several collectors may send to a server, and its memory is its own."""
    values = placeholders(StoreSettings(url="http://localhost:8123"))
    assert values["merges_of_spans"] == values["merges_of_trace_times"] == "max_parts_to_merge_at_once = 100"
    assert values["tokens_kept"] == values["deduplication"] == "non_replicated_deduplication_window = 10000"
    assert placeholders(StoreSettings(url="http://localhost:8123", cluster="main"))["tokens_kept"] == "replicated_deduplication_window = 10000"


def test_traces_times_are_merged_forty_at_a_time(merges_stopped: Store) -> None:
    """Fifty parts, and inserts that wake the table: the first merge takes forty of them, where others take twelve."""
    store, number = merges_stopped, itertools.count()
    for _ in range(50):
        store.insert(Signal.TRACES, span(next(number)), fresh_token())
    store.command(f"SYSTEM START MERGES {store.database}.otel_traces_trace_id_ts")

    def merged_once() -> int:
        store.insert(Signal.TRACES, span(next(number)), fresh_token())
        return int(store.query(MERGED_ONCE).scalar())

    wait_for(lambda: merged_once() >= 30, pause_s=0.2)


def test_few_parts_are_merged_when_they_are_old() -> None:
    """Five parts of spans stay while they are young; an insert after their time merges them, where young ones would have to be a hundred."""
    store = kept_open("embedded", 7)
    store.command("TRUNCATE TABLE otel_traces")
    for number in range(5):
        store.insert(Signal.TRACES, span(number), fresh_token())
    assert store.query(PARTS_OF_SPANS).scalar() == 5
    before = settings_of(store, "otel_traces")
    assert before["min_age_to_force_merge_seconds"] == "86400"
    numbers = itertools.count(5)

    def parts_left() -> int:
        store.insert(Signal.TRACES, span(next(numbers)), fresh_token())
        return int(store.query(PARTS_OF_SPANS).scalar())

    store.command("ALTER TABLE otel_traces MODIFY SETTING min_age_to_force_merge_seconds = 1, min_parts_to_merge_at_once = 100")
    try:
        wait_for(lambda: parts_left() <= 4, pause_s=1.5)
    finally:
        put_back = ", ".join(f"{name} = {before[name]}" for name in ("min_age_to_force_merge_seconds", "min_parts_to_merge_at_once"))
        store.command(f"ALTER TABLE otel_traces MODIFY SETTING {put_back}")
