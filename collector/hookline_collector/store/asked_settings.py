"""Which of ClickHouse's settings a person may choose for a statement, and within which bounds. Everything that is not named here stays as it is.

A session is read-only once its settings are set, so this is where they are judged, whether a client sends them as parameters of a request, in
`SET`, or in a SETTINGS clause: what changes how values look or what a statement means is free, a limit can only be made narrower, and what has no
meaning for a reader (progress, inserts, logs) is taken without a word. Left out on purpose: whatever names a file, a server, a schema or a dialect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from hookline_collector.store.statement_fault import StatementFault


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FREE_PREFIXES = ("output_format_", "format_csv_", "format_tsv_", "format_custom_", "show_table_", "group_by_overflow_mode")
NEVER_FREE = frozenset({"output_format_schema"})  # it writes a file
_FREE = _names(
    """
    additional_result_filter additional_table_filters aggregate_functions_null_for_empty any_join_distinct_right_table_keys
    bool_false_representation bool_true_representation cast_ipv4_ipv6_default_on_conversion_error cast_keep_nullable
    cast_string_to_dynamic_use_inference cast_string_to_variant_use_inference count_distinct_implementation date_time_input_format
    date_time_output_format describe_compact_output describe_include_subcolumns distinct_overflow_mode
    empty_result_for_aggregation_by_empty_set enable_positional_arguments extremes final force_index_by_date force_primary_key
    format_binary_max_array_size format_binary_max_string_size join_algorithm join_default_strictness join_use_nulls limit
    low_cardinality_allow_in_native_format max_bytes_to_read max_rows_to_group_by max_rows_to_read offset optimize_read_in_order
    prefer_column_name_to_alias read_overflow_mode result_overflow_mode session_timezone timeout_overflow_mode totals_mode transform_null_in
    union_default_mode use_uncompressed_cache
    """
)
_NARROWED = _names(
    """
    max_block_size max_execution_time max_memory_usage max_result_bytes max_result_rows max_threads
    """
)
_WITHOUT_MEANING = _names(
    """
    allow_experimental_analyzer async_insert async_insert_deduplicate cancel_http_readonly_queries_on_client_close enable_analyzer
    enable_http_compression enable_parallel_replicas http_headers_progress_interval_ms http_make_head_request
    http_write_exception_in_output_format http_zlib_compression_level insert_deduplicate insert_deduplication_token insert_quorum
    interactive_delay log_comment log_queries log_query_threads max_insert_block_size max_insert_threads max_query_size mutations_sync
    network_compression_method network_zstd_compression_level opentelemetry_start_trace_probability priority queue_max_wait_ms
    receive_timeout select_sequential_consistency send_logs_level send_progress_in_http_headers send_timeout use_query_cache
    wait_for_async_insert wait_for_async_insert_timeout
    """
)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NUMBER = re.compile(r"\d+(\.\d+)?")
NAMED = _FREE | _NARROWED | _WITHOUT_MEANING | {"readonly"}
"""Settings that may be sent, beside those with one of the prefixes."""
EXPRESSIONS = frozenset({"additional_result_filter", "additional_table_filters"})
"""Settings whose values are SQL, so that they are to be judged as a statement is."""


def chosen_settings(asked: Mapping[str, str], limits: Mapping[str, str], is_known: Callable[[str], bool]) -> dict[str, str]:
    """Return the settings that a session gets for what was asked; `limits` are those it has anyway. Raises StatementFault.

    `is_known` says whether the engine has a setting at all: it is asked about those that cannot be chosen.
    """
    return {name: _bounded(name, value, limits, is_known) for name, value in asked.items() if not _changes_nothing(name, value)}


def _changes_nothing(name: str, value: str) -> bool:
    if name == "readonly":
        if value.strip() not in ("1", "2"):
            raise StatementFault(164, "READONLY", "Cannot modify 'readonly' setting: everything here is read-only")
        return True
    return name in _WITHOUT_MEANING


def _bounded(name: str, value: str, limits: Mapping[str, str], is_known: Callable[[str], bool]) -> str:
    if name in _NARROWED:
        return _narrowed(name, value.strip(), limits.get(name, "0"))
    if name in _FREE or (name.startswith(FREE_PREFIXES) and name not in NEVER_FREE):
        return value
    if not _NAME.fullmatch(name) or not is_known(name):
        raise StatementFault(115, "UNKNOWN_SETTING", f"Unknown setting '{name[:100]}'")
    raise StatementFault(164, "READONLY", f"Cannot modify '{name}' setting in readonly mode: it cannot be chosen here")


def _narrowed(name: str, value: str, limit: str) -> str:
    """Return the narrower of two limits, of which 0 is none."""
    if not _NUMBER.fullmatch(value):
        raise StatementFault(72, "CANNOT_PARSE_NUMBER", f"{name} must be a number, not '{value[:100]}'")
    if float(value) == 0:
        return limit
    return value if float(limit) == 0 or float(value) <= float(limit) else limit
