"""What nobody gets through the endpoint: files, other hosts, changes, other people's tables, and limits of their own choosing."""

from __future__ import annotations

import pytest

from support.attacks import REFUSED
from support.cases import with_each
from support.clickhouse_asker import ClickHouseAsker

pytestmark = pytest.mark.long

WITHIN_LIMITS = {
    "SET max_execution_time = 100",
    "SELECT 1 SETTINGS max_execution_time = 100",
    "SELECT 1 SETTINGS max_memory_usage = 0",
    "SELECT repeat('x', 100000) FROM numbers(90)",
}
"""Here these are answered, because what they ask for is cut to what is allowed."""
SLOW = {"max_execution_time": "0.3"}


@with_each("sql", [sql for sql in REFUSED if sql not in WITHIN_LIMITS])
def test_a_statement_that_does_more_than_read_is_refused(asker: ClickHouseAsker, sql: str) -> None:
    """With an error, and none of what it wanted."""
    if "\x00" in sql and not sql.strip():
        return
    found = asker.ask(sql, named=SLOW)
    assert found.status >= 400, found.body[:300]
    assert found.code > 0
    assert b"root:" not in found.body


HERE = [
    "KILL QUERY WHERE query_id LIKE '%'",
    "KILL QUERY WHERE query_id = 'x' OR 1",
    "KILL MUTATION WHERE 1",
    "SET readonly = 0",
    "SET max_threads = 1, readonly = 0",
    "SET allow_ddl = 1",
    "SET allow_introspection_functions = 1",
    "SET dialect = 'kusto'",
    "SET log_comment = 'x', format_schema = '/etc/passwd'",
    "SET ROLE ALL",
    "USE system",
    "USE elsewhere",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT 1 FORMAT TSV SETTINGS readonly = 0",
    "SELECT 1 SETTINGS max_threads = 1 FORMAT TSV SETTINGS readonly = 0",
    "SELECT 1 SETTINGS allow_ddl = 1",
    "SELECT 1 SETTINGS output_format_schema = '/tmp/hookline-schema'",
    "SELECT 1 SETTINGS input_format_record_errors_file_path = '/tmp/hookline-errors'",
    "SELECT 1 SETTINGS format_schema = 'x:y'",
    "SELECT 1 SETTINGS format_avro_schema_registry_url = 'http://127.0.0.1:1'",
    "SELECT 1 SETTINGS additional_table_filters = {'otel_traces': 'file(''/etc/passwd'') = '''''}",
    "SELECT 1 SETTINGS additional_table_filters = {'otel_traces': '1 IN (SELECT 1 FROM system.processes)'}",
    "SELECT 1 SETTINGS additional_result_filter = 'file(''/etc/passwd'') = '''''",
    "SELECT 1 SETTINGS additional_result_filter = '1) FROM system.users --'",
    "SELECT * FROM (SELECT 1 SETTINGS readonly = 0)",
    "SELECT * FROM (SELECT 1 SETTINGS max_execution_time = 100)",
    "SELECT 1 FORMAT AvroConfluent",
    "SELECT 1 FORMAT Template",
    "SELECT 1 FORMAT Protobuf",
    "SELECT 1 INTO OUTFILE '/tmp/hookline-outfile' FORMAT CSV SETTINGS max_threads = 1",
    "INSERT INTO otel_traces FORMAT JSONEachRow {}",
    "INSERT INTO FUNCTION file('/tmp/hookline-insert') SELECT 1",
    "SHOW PROCESSLIST",
    "SELECT * FROM processes",
    "SELECT query FROM merge('system', 'processes')",
    "DESCRIBE TABLE remote('127.0.0.1', 'system', 'one')",
    "EXPLAIN ESTIMATE SELECT file('/etc/passwd')",
    "SELECT getServerSetting('path')",
    "SELECT * FROM system.server_settings",
    "SELECT * FROM system.parts",
    "SELECT * FROM system.disks",
]


@with_each("sql", HERE)
def test_what_only_the_endpoint_could_be_asked_is_refused(asker: ClickHouseAsker, sql: str) -> None:
    """Settings in the statement, formats that reach outside, other spellings of commands."""
    found = asker.ask(sql, named=SLOW)
    assert found.status >= 400, found.body[:300]
    assert found.code in (47, 60, 62, 73, 115, 164, 497)


SMUGGLED = [
    {"readonly": "0"},
    {"allow_ddl": "1"},
    {"allow_introspection_functions": "1"},
    {"dialect": "kusto"},
    {"format_schema": "/etc/passwd"},
    {"output_format_schema": "/tmp/hookline-schema"},
    {"additional_table_filters": "{'otel_traces': 'file(''/etc/passwd'') = ''''' }"},
    {"additional_result_filter": "file('/etc/passwd') = ''"},
    {"database": "system"},
    {"default_format": "AvroConfluent"},
    {"max_threads = 1, readonly": "0"},
    {"query": "SELECT 1;"},
    {"query_id": "a\r\nX-Evil: 1"},
]


@pytest.mark.parametrize("named", SMUGGLED, ids=lambda named: next(iter(named)))
def test_nothing_is_smuggled_in_by_parameters(asker: ClickHouseAsker, named: dict[str, str]) -> None:
    """Neither a setting, nor a second statement, nor a header."""
    found = asker.ask("SELECT 2", named=named)
    assert found.status >= 400
    assert "x-evil" not in found.headers


LIMITS = [
    ("max_execution_time", "1000", "20"),
    ("max_execution_time", "0", "20"),
    ("max_execution_time", "3", "3"),
    ("max_memory_usage", "0", "134217728"),
    ("max_result_rows", "999999999", "500000"),
    ("max_threads", "64", "2"),
    ("log_comment", "mine", None),
    ("readonly", "2", "1"),
    ("allow_experimental_analyzer", "0", None),
]


@pytest.mark.parametrize(("name", "asked", "got"), LIMITS)
def test_a_limit_can_only_be_made_narrower(asker: ClickHouseAsker, name: str, asked: str, got: str | None) -> None:
    """By a parameter and by the statement alike; what means nothing here is taken without a word, and not passed on."""
    sql = f"SELECT toString(getSetting('{name}'))"
    found = [asker.ask(sql, named={name: asked}).text.strip(), asker.ask(f"{sql} SETTINGS {name} = '{asked}'").text.strip()]
    assert found == [got, got] if got is not None else asked not in found or asked == "0"


def test_a_name_in_a_parameter_reaches_no_other_table(asker: ClickHouseAsker) -> None:
    """The statement is judged before its parameters are known."""
    assert asker.ask("SELECT * FROM {d:Identifier}.{t:Identifier}", named={"param_d": "system", "param_t": "processes"}).code == 497


def test_what_was_refused_left_no_trace(asker: ClickHouseAsker) -> None:
    """No table, no temporary table of another session, the same settings as before."""
    assert asker.ask("SELECT count() FROM system.tables WHERE name IN ('u', 'w')").text == "0\n"
    assert asker.ask("SELECT getSetting('readonly')").text == "1\n"
