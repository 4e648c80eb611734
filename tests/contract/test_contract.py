"""One contract: what SQL, pages and the API say is what Python says."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest

import hookline.contract
from contract.wire_names import ROOT, WIRE_NAME, contract_names, literals, python_names, statements
from hookline.contract import claude_native
from hookline.contract.databases import DATABASE_SCOPE
from hookline.contract.events import END_ORDER, END_SLACK_NS, RECORD_NAMES, RECORD_PREFIX, SESSION_CLOSED_RECORD, USAGE_RECORD, EventKind, SpanName
from hookline.contract.evidence import DERIVED_CLOSINGS, RANKS, SOURCES, EvidenceRank, EvidenceSource, SignalSource
from hookline.contract.groupings import GROUPINGS
from hookline.contract.scopes import (
    AGENT_SCOPE,
    COLLECTOR_SCOPE,
    HISTORY_SCOPE,
    NATIVE_SCOPE_PREFIXES,
    PROBE_PREFIX,
    RELAY_SCOPE,
    RESOURCE_SCOPE,
    Source,
)
from hookline.contract.services import SERVICES_SCOPE
from hookline.contract.tool_kinds import MCP_PREFIX, NAMED_KINDS, ToolKind
from support.cases import with_each

NO_WIRE_NAMES = {
    "hookline.connection",
    "hookline.given",
    "hookline.cli.",
    "hookline.lock",
    "hookline.log",
    "hookline.relay.notify",
    "hookline.operate.today",
    *(f"session.{name}" for name in ("created", "idle", "error", "compacting", "compacted")),  # OpenCode's own events
    *(f"session.{name}" for name in ("resume", "context_changed", "usage_record", "compaction_start", "compaction_complete")),  # Copilot's own lines
    "session.detached",  # Cline's own
    "system.notification",
    "user.message",
}
SQL = statements()
TABLES = "store/schema/sql/"
SCOPES_IN_SQL = {AGENT_SCOPE, HISTORY_SCOPE, COLLECTOR_SCOPE, DATABASE_SCOPE, SERVICES_SCOPE}


@with_each("file", SQL)
def test_every_name_in_sql_is_in_the_contract(file: str) -> None:
    """A name that only SQL knows is a name that nobody sends."""
    names = {word for literal in literals(SQL[file]) if WIRE_NAME.fullmatch(word := literal)}
    assert names <= contract_names(), names - contract_names()


@with_each("file", SQL)
def test_every_attribute_that_sql_reads_is_in_the_contract(file: str) -> None:
    """Also those without a prefix, which only the agent itself sends."""
    names = set(re.findall(r"[aA]ttributes\['([^']+)'\]", SQL[file])) | set(re.findall(r"\bnumber\('([^']+)'\)", SQL[file]))
    assert names <= contract_names(), names - contract_names()


@pytest.mark.parametrize("page", ["docs/data-model.md", "docs/spans.md"])
def test_every_name_in_the_pages_is_in_the_contract(page: str) -> None:
    """The page is what people build dashboards on."""
    text = (ROOT / page).read_text()
    names = {name for quoted in re.findall(r"`([^`\n]+)`", text) if WIRE_NAME.fullmatch(name := quoted) and not name.endswith(".py")}
    assert names, "the page names nothing: is this test blind?"
    assert names <= contract_names(), names - contract_names()


def test_every_name_in_the_program_is_in_the_contract() -> None:
    """Loggers, files and keys of our own have names that look like those of the wire."""
    strangers = {(file, name) for file, name in python_names() if name not in contract_names() | NO_WIRE_NAMES}
    assert not strangers


def test_every_name_in_the_api_s_document_is_in_the_contract() -> None:
    """Descriptions of fields may say where a value comes from."""
    document = (ROOT / "tests/fixtures/surface/openapi.json").read_text()
    assert json.loads(document)["paths"]
    names = set(re.findall(r"\b(?:hookline|gen_ai|claude_code)\.[a-z][a-z_.]*[a-z]", document))
    assert names <= contract_names(), names - contract_names()


def test_every_kind_of_record_in_sql_is_in_the_contract() -> None:
    """The tables compare names of records without their prefix; a misspelt one would count nothing, silently."""
    known = {name.removeprefix(RECORD_PREFIX) for name in (*RECORD_NAMES.values(), SESSION_CLOSED_RECORD, USAGE_RECORD)}
    known |= claude_native.RECORDS | claude_native.SPANS | set(SpanName)
    for file, sql in SQL.items():
        compared = re.findall(r"(?<![\w.])(?:\w+\.)?name (?:NOT )?(?:=|!=|IN) *(\([^)]*\)|'[^']*')", sql)
        words = {word for each in compared for word in literals(each) if word}
        assert words <= known, (file, words - known)


def test_every_span_that_sql_looks_for_has_a_name_of_the_contract() -> None:
    """Spans are found by the beginning of their name."""
    for file, sql in SQL.items():
        for word in re.findall(r"startsWith\((?:\w+\.)?(?:name|SpanName), '([^']*)'\)", sql):
            assert any(name.startswith(word.rstrip()) for name in (*SpanName, *claude_native.SPANS)), (file, word)


def test_every_scope_in_sql_is_in_the_contract() -> None:
    """Who is an agent has one answer."""
    for file, sql in SQL.items():
        compared = re.findall(r"ScopeName (?:=|!=|IN) *(\([^)]*\)|'[^']*')", sql)
        assert {word for each in compared for word in literals(each)} <= SCOPES_IN_SQL, file
        assert set(re.findall(r"startsWith\(ScopeName, '([^']*)'\)", sql)) <= set(NATIVE_SCOPE_PREFIXES), file
        assert set(re.findall(r"startsWith\(\w*[\[\]\w.']*session[._]id'?\]?, '([^']*)'\)", sql)) <= {PROBE_PREFIX}, file


@pytest.mark.parametrize("scope", [AGENT_SCOPE, HISTORY_SCOPE, COLLECTOR_SCOPE, *NATIVE_SCOPE_PREFIXES])
def test_the_tables_read_the_scopes_that_live_sessions_read(scope: str) -> None:
    """A live session and a stored one are told of by the same senders."""
    assert Source.of(scope) is not None
    assert f"'{scope}'" in SQL[f"{TABLES}fragments/agent_logs_scope.sql"]


@pytest.mark.parametrize("scope", [RELAY_SCOPE, RESOURCE_SCOPE, "hookline.agents", "io.opentelemetry.contrib", ""])
def test_own_metrics_and_strangers_are_no_agents(scope: str) -> None:
    """Neither the relay's metrics nor a service's telemetry says anything of a session."""
    assert Source.of(scope) is None


def test_the_order_of_ends_in_sql_is_the_contract_s() -> None:
    """The last of the sorted ends is taken, so the list stands backwards."""
    orders = [found for sql in SQL.values() for found in re.findall(r"indexOf\(\[([^\]]*)\], candidate\.2\)", sql)]
    assert orders
    assert {tuple(reversed(list(literals(order)))) for order in orders} == {END_ORDER}


def test_the_slack_of_an_end_in_sql_is_the_contract_s() -> None:
    """Hooks of one moment overtake each other."""
    slacks = [found for sql in SQL.values() for found in re.findall(r"subtractMilliseconds\(max\(\w+\.active\), (\d+)\)", sql)]
    assert slacks
    assert {int(slack) * 1_000_000 for slack in slacks} == {END_SLACK_NS}


def test_ranks_of_evidence_in_sql_are_the_contract_s() -> None:
    """The tables compare numbers."""
    spans = SQL[f"{TABLES}fragments/agent_spans_columns.sql"]
    assert _transform(spans, "hookline.evidence") == {word: int(rank) for word, rank in RANKS.items()}
    (derived,) = re.findall(r"closed_by IN \(([^)]*)\), 2", spans)
    assert set(literals(derived)) == DERIVED_CLOSINGS
    assert RANKS["derived"] is EvidenceRank(2)


def test_sources_of_evidence_in_sql_are_the_contract_s() -> None:
    """The tables keep one more, because 0 means there that nobody told."""
    spans = SQL[f"{TABLES}fragments/agent_spans_columns.sql"]
    assert _transform(spans, "hookline.evidence.source") == {word: source + 1 for word, source in SOURCES.items()}


def test_sources_of_records_in_sql_are_the_contract_s() -> None:
    """A record of the relay or the status line rests on a rule of ours."""
    logs = _transform(SQL[f"{TABLES}fragments/agent_logs_columns.sql"], "hookline.source")
    assert set(logs) == set(SignalSource) - {SignalSource.COLLECTOR}
    assert logs == {word: SOURCES.get(word, EvidenceSource.RULE) + 1 for word in logs}


def test_groupings_in_sql_are_the_contract_s() -> None:
    """A grouping that a statement does not know would put everything into one row."""
    for name in ("calls", "prompts", "spend"):
        known = set(re.findall(r"\{by:String\} = '(\w+)'", SQL[f"work/sql/{name}.sql"]))
        assert known <= set(GROUPINGS)
        assert set(GROUPINGS) - known == {"day", "hour"}, "those two are cut by time"


def test_kinds_of_tools_in_sql_are_the_contract_s() -> None:
    """A call of which nobody said the kind is of the same kind wherever it is looked at."""
    named = SQL[f"{TABLES}fragments/tool_kind_by_name.sql"]
    told = {name: kind for names, kind in re.findall(r"IN \(([^)]*)\), '(\w+)'", named) for name in literals(names)}
    assert told == NAMED_KINDS
    assert f"startsWith(tool, '{MCP_PREFIX}'), '{ToolKind.MCP}'" in named
    assert named.rstrip().endswith(f"'{ToolKind.OTHER}')")


def test_the_contract_imports_nothing_of_hookline() -> None:
    """Both halves lean on it, so it leans on nobody."""
    for path in Path(hookline.contract.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert all(name.partition(".")[0] in sys.stdlib_module_names or name.startswith("hookline.contract") for name in names), (path, names)


def test_every_kind_has_a_record_of_its_own() -> None:
    """Two kinds under one name could not be told apart."""
    assert len(set(RECORD_NAMES.values())) == len(EventKind)


def _transform(sql: str, attribute: str) -> dict[str, int]:
    (found,) = re.findall(rf"transform\(\w+\['{re.escape(attribute)}'\], \[([^\]]*)\], \[([^\]]*)\]", sql)
    words, numbers = found
    return dict(zip(literals(words), map(int, numbers.split(",")), strict=True))
