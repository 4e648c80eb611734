"""One idea, one name: the table of words holds every field of the API, and what the page, the commands and the SQL views call it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hookline.cli import live, report, sessions, windows
from hookline.contract.fields import FIELDS, GROUPS, FieldUnit
from hookline.contract.told_records import names_of
from hookline_collector.api.sessions import ANY_SESSION, UNUSED
from hookline_collector.api.stored_rows import StoredCall, StoredSession, StoredTurn
from hookline_collector.store import Store
from hookline_collector.store.queries import load_query
from hookline_collector.work import rendering
from support.api import described
from support.cases import with_each
from support.stores import emptied

Schema = dict[str, Any]
ROOT = Path(__file__).parents[2]
SCHEMAS: dict[str, Schema] = described()["components"]["schemas"]
PROBLEM = "Problem"  # RFC 9457 has its own words
PROPERTIES = [(record, name, schema) for record, each in SCHEMAS.items() if record != PROBLEM for name, schema in each["properties"].items()]
TYPES: dict[FieldUnit, set[str]] = {
    FieldUnit.MOMENT: {"string"},
    FieldUnit.SECONDS: {"number", "integer"},
    FieldUnit.COUNT: {"integer", "array"},
    FieldUnit.TOKENS: {"integer"},
    FieldUnit.BYTES: {"integer"},
    FieldUnit.USD: {"number"},
    FieldUnit.PERCENT: {"number"},
    FieldUnit.RATIO: {"number"},
    FieldUnit.ID: {"string"},
    FieldUnit.IDS: {"array"},
    FieldUnit.TEXT: {"string"},
    FieldUnit.TEXTS: {"array"},
    FieldUnit.FLAG: {"boolean"},
    FieldUnit.RECORDS: {"object", "array"},
}
SUFFIXES = {
    FieldUnit.SECONDS: "_s",
    FieldUnit.ID: "_id",
    FieldUnit.IDS: "_ids",
    FieldUnit.USD: "_usd",
    FieldUnit.PERCENT: "_percent",
    FieldUnit.BYTES: "_bytes",
}


def types_of(schema: Schema) -> set[str]:
    """Return the JSON types that a schema allows, null apart."""
    if "$ref" in schema:
        return {"object"}
    if "enum" in schema:
        return {"string"}
    if "anyOf" in schema:
        return {found for each in schema["anyOf"] for found in types_of(each)}
    given = schema.get("type", [])
    return {given} - {"null"} if isinstance(given, str) else set(given) - {"null"}


def test_every_field_of_the_api_is_a_word_and_every_word_is_a_field() -> None:
    """A word that nothing is told under is as wrong as a field without one."""
    assert {name for _, name, _ in PROPERTIES} == set(FIELDS)
    assert len(FIELDS) == sum(map(len, GROUPS.values()))


def test_a_word_has_the_type_of_its_unit_wherever_it_stands() -> None:
    """A plural that holds things and not their number is an array."""
    for record, name, schema in PROPERTIES:
        assert types_of(schema) <= TYPES[FIELDS[name].unit], (record, name)
        assert (schema.get("format") == "date-time") == (FIELDS[name].unit is FieldUnit.MOMENT), (record, name)


def test_units_stand_in_the_names() -> None:
    """And no name has the end of another unit's."""
    for name, field in FIELDS.items():
        ends = [unit for unit, suffix in SUFFIXES.items() if name.endswith(suffix)]
        assert ends == ([field.unit] if field.unit in SUFFIXES else []), name
    assert not [name for name in FIELDS if re.search(r"(_at|_ns|_ms|_time|_seconds)$", name)]


# The names of the SQL views are promises of the database and stay; what the API calls otherwise stands here, '' for what it does not tell.
VIEWS = {
    "sessions": {"calls": "tool_calls", "ended_how": "end_reason", "end_reason": "agent_end_reason", "is_script": "interactive"},
    "turns": {
        "is_script": "interactive",
        "source_name": "sources",
        "from_hook": "sources",
        "from_native": "sources",
        "from_transcript": "sources",
    },
    "tool_calls": {"background": "in_background", "from_hook": "sources", "from_native": "sources", "from_transcript": "sources"},
    "work_blocks(idle_s = 300)": {"sessions": "session_ids"},
    "usage_limits": {"started": "start", "resets_at": "end", "observed": "", "course": ""},
}
STATEMENTS = {("sessions",): StoredSession, ("turns", "turn_usage"): StoredTurn, ("calls",): StoredCall}
BOUND = {**ANY_SESSION, "session_id": "s", "since": "2026-03-01", "until": "2026-03-02"}


@pytest.fixture(scope="module")
def store() -> Store:
    """Give an empty store."""
    return emptied()


def test_the_sql_views_have_the_words_of_the_api_or_stand_in_the_mapping(store: Store) -> None:
    """Nobody who knows the API is surprised by SQL without being told here; no entry is one too many."""
    for view, differs in VIEWS.items():
        found = set(store.query(f"SELECT * FROM {view} LIMIT 0").columns)
        assert set(differs) <= found, view
        assert {differs.get(name, name) for name in found} - {""} <= set(FIELDS), view


@pytest.mark.parametrize(("statements", "record"), STATEMENTS.items(), ids=[record.__name__ for record in STATEMENTS.values()])
def test_statements_answer_with_the_fields_of_their_record(store: Store, statements: tuple[str, ...], record: type) -> None:
    """But for what only memory knows."""
    found = [store.query(load_query("hookline_collector.api", each), BOUND).columns for each in statements]
    assert set().union(*found) == set(names_of(record)) - {"state", "conversation_id"}


def test_a_turn_without_requests_says_what_one_with_them_says(store: Store) -> None:
    """The same fields."""
    assert {"prompt_id", *UNUSED} == set(store.query(load_query("hookline_collector.api", "turn_usage"), BOUND).columns)


def test_tables_and_csv_of_the_commands_have_the_words_of_the_api() -> None:
    """A table has a few columns more, put together for a person; CSV has none."""
    csv = (*sessions.SHEET, *windows.SHEET, *rendering.COLUMNS, *rendering.SHEET)
    tables = (
        *sessions.COLUMNS,
        *windows.COLUMNS,
        *windows.WEEKS,
        *live.WIDE,
        *report.TOOLS,
        *report.COLUMNS,
        *report.COLUMNS_BY_MODEL,
        *report.BLOCKS,
    )
    assert set(csv) <= set(FIELDS)
    assert set(tables) - set(FIELDS) == {"doing", "waiting", "block"}
    assert all(FIELDS[name].heading for name in tables if name in FIELDS and name not in ("session_ids", "prompt_ids"))


# What the names in the pages' scripts hold, by the names of the schemas.
HELD = {
    "totals": {"WorkTotals"},
    "usual": {"Usual"},
    "window": {"UsageWindow", "WeeklyWindow"},
    "session": {"SessionView", "StoredSession"},
    "block": {"BlockRow", "CalendarBlock"},
    "span": {"SpanRow"},
    "correction": {"CorrectionRow"},
}
SCRIPTS = ("pages/today", "pages/live", "pages/work", "pages/sessions", "pages/session", "parts/band", "parts/limits", "parts/session_words")
NOT_FIELDS = {"length", "map", "filter", "split", "some", "data", "id"}


@with_each("name", SCRIPTS)
def test_the_pages_read_only_fields_that_the_api_describes(name: str) -> None:
    """A field that is renamed in the collector and not here is an empty place on the page."""
    script = (ROOT / f"collector/hookline_collector/web/{name}.js").read_text()
    for holder, records in HELD.items():
        read = set(re.findall(rf"(?<![.\w]){holder}\.([a-z]\w*)", script)) - NOT_FIELDS
        assert read <= {field for record in records for field in SCHEMAS[record]["properties"]}, holder
    told = set(re.findall(r"\.([a-z]+(?:_[a-z0-9]+)+)\b", script))
    assert told <= {field for schema in SCHEMAS.values() for field in schema["properties"]}


def test_the_page_about_the_api_prints_the_table_as_it_is() -> None:
    """`python -m support.api` writes it anew."""
    from support.api import DOCUMENT, with_table

    assert DOCUMENT.read_text() == with_table(DOCUMENT.read_text())
