"""Requests as ClickHouse's clients make them: where the statement stands, who asks, in which form the answer comes, and how errors are told."""

from __future__ import annotations

import gzip
import zlib

import lz4.frame
import pytest
import zstandard
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from hookline_collector.clickhouse_http.native_frames import framed, unframed
from support.clickhouse_asker import ClickHouseAsker
from support.running import Running

pytestmark = pytest.mark.long

MIB = 1024 * 1024


def test_whoever_asks_sees_what_was_acknowledged_before(running: Running, asker: ClickHouseAsker) -> None:
    """A span is in the answer as soon as its sender was told that it is taken, though nothing was stored until somebody asked."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"http://{running.found.otlp_http}/v1/traces")))
    provider.get_tracer("test").start_span("seen at once").end()
    provider.shutdown()
    found = asker.ask("SELECT count() FROM otel_traces WHERE SpanName = 'seen at once'")
    assert (found.text, found.headers["hookline-fresh"]) == ("1\n", "true")


def test_a_ping_needs_no_token(asker: ClickHouseAsker) -> None:
    """Clients look whether somebody is there."""
    assert [asker.send(method, "/ping").status for method in ("GET", "HEAD")] == [200, 200]
    assert asker.send("GET", "/ping").body == b"Ok.\n"
    assert asker.ask(method="GET").body == b"Ok.\n"


def test_each_way_to_show_the_token(asker: ClickHouseAsker) -> None:
    """Basic, ClickHouse's headers, the URL, and Bearer; nothing else lets anybody in."""
    shown = [
        asker.ask("SELECT 1"),
        asker.send("POST", "/", "SELECT 1", {"X-ClickHouse-User": "hookline", "X-ClickHouse-Key": asker.token}),
        asker.send("POST", f"/?user=hookline&password={asker.token}", "SELECT 1"),
        asker.send("POST", f"/?user=default&password={asker.token}", "SELECT 1"),
        asker.send("POST", "/", "SELECT 1", {"Authorization": f"Bearer {asker.token}"}),
    ]
    assert [found.body for found in shown] == [b"1\n"] * len(shown)
    none = asker.send("POST", "/", "SELECT 1")
    assert (none.status, none.code, none.headers["www-authenticate"]) == (401, 516, 'Basic realm="hookline"')
    wrong = [
        asker.send("POST", "/?user=hookline&password=no", "SELECT 1"),
        asker.send("POST", f"/?user=admin&password={asker.token}", "SELECT 1"),
        asker.send("POST", "/", "SELECT 1", {"Authorization": "Basic ~"}),
        asker.ask("SELECT 1", {"Origin": "http://evil.example"}),
    ]
    assert [found.code for found in wrong] == [516, 516, 516, 497]
    assert all(b"\n1" not in found.body for found in wrong)


FORM = '--cut\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
PLACES = [
    ("GET", {"query": "SELECT 7"}, "", {}),
    ("POST", {}, "SELECT 7", {}),
    ("POST", {"query": "SELECT"}, "7", {}),
    ("POST", {"query": "SELECT {n:UInt8}", "param_n": "7"}, "", {}),
    ("POST", {}, "SELECT 7;", {}),
    (
        "POST",
        {},
        FORM.format("query", "SELECT {n:UInt8}") + FORM.format("param_n", "7") + "--cut--\r\n",
        {"Content-Type": "multipart/form-data; boundary=cut"},
    ),
]


@pytest.mark.parametrize(("method", "named", "body", "headers"), PLACES)
def test_where_a_statement_stands(asker: ClickHouseAsker, method: str, named: dict[str, str], body: str, headers: dict[str, str]) -> None:
    """In the URL, in the body, in both, in a form; its parameters in the URL or in the form."""
    assert asker.ask(body, headers, method, named).text == "7\n"


def test_a_parameter_arrives_as_clients_escape_it(asker: ClickHouseAsker) -> None:
    """In ClickHouse's Escaped form, as a value, never as SQL."""
    named = {"param_a": "x\\'y\\t", "param_b": "[1,2]", "param_c": "'); DROP TABLE t --"}
    assert asker.ask("SELECT {a:String} = 'x\\'y\\t', length({b:Array(UInt8)}), length({c:String})", named=named).text == "1\t2\t19\n"


FORMATS = [
    ("SELECT 1 AS a FORMAT JSONEachRow", {}, {"default_format": "CSV"}, "JSONEachRow", b'{"a":1}\n'),
    ("SELECT 1 AS a", {"X-ClickHouse-Format": "CSVWithNames"}, {"default_format": "CSV"}, "CSVWithNames", b'"a"\n1\n'),
    ("SELECT 1 AS a", {}, {"default_format": "JSONCompactEachRow"}, "JSONCompactEachRow", b"[1]\n"),
    ("SELECT 1 AS a", {}, {}, "TabSeparated", b"1\n"),
    ("SELECT 1 AS a FORMAT tsv SETTINGS max_threads = 1", {}, {}, "TSV", b"1\n"),
    ("SELECT getSetting('max_threads') SETTINGS max_threads = 1 FORMAT TSV", {}, {}, "TSV", b"1\n"),
    ("SELECT getSetting('max_threads') SETTINGS max_threads = 1 FORMAT CSV SETTINGS join_use_nulls = 1", {}, {}, "CSV", b"1\n"),
    ("SELECT 1 AS a SETTINGS additional_table_filters = {'otel_traces': 'SpanName = 1'}, extremes = 0 FORMAT TSV", {}, {}, "TSV", b"1\n"),
    ("SELECT 1 AS a WHERE 0 FORMAT TSVWithNamesAndTypes", {}, {}, "TSVWithNamesAndTypes", b"a\nUInt8\n"),
    ("SELECT 1 AS a WHERE 0 FORMAT RowBinaryWithNames", {}, {}, "RowBinaryWithNames", b"\1\1a"),
    ("SELECT 1 AS a WHERE 0 FORMAT Native", {}, {}, "Native", b""),
    ("EXISTS TABLE otel_traces FORMAT TSVWithNames", {}, {}, "TSVWithNames", b"result\n1\n"),
]


@pytest.mark.parametrize(("sql", "headers", "named", "form", "body"), FORMATS)
def test_which_format_counts(asker: ClickHouseAsker, sql: str, headers: dict[str, str], named: dict[str, str], form: str, body: bytes) -> None:
    """FORMAT in the statement, else the header, else default_format, else TabSeparated; names come without rows too."""
    found = asker.ask(sql, headers, named=named)
    assert (found.headers["x-clickhouse-format"], found.body) == (form, body)


@pytest.mark.parametrize(
    "form", ["Native", "RowBinaryWithNamesAndTypes", "TSVWithNames", "CSVWithNamesAndTypes", "JSONCompactEachRowWithNames", "JSON"]
)
def test_blocks_of_a_stream_make_one_answer(asker: ClickHouseAsker, form: str) -> None:
    """What the engine writes as several whole answers comes as one: its head once, all rows."""
    found = asker.ask(f"SELECT number AS n, '\"a\nb' AS `two\nlines` FROM numbers(20000) FORMAT {form} SETTINGS max_block_size = 7000")
    assert found.status == 200
    heads = {
        "Native": found.body.count(b"\1n\6UInt64"),
        "RowBinaryWithNamesAndTypes": found.body.count(b"\6UInt64"),
        "TSVWithNames": found.body.count(b"n\ttwo"),
        "CSVWithNamesAndTypes": found.body.count(b'"UInt64","String"'),
        "JSONCompactEachRowWithNames": found.body.count(b'["n", "two'),
        "JSON": found.body.count(b'"meta"'),
    }
    assert heads[form] == (3 if form == "Native" else 1)
    lines = {"TSVWithNames": 20_001, "JSONCompactEachRowWithNames": 20_001}
    assert found.body.count(b"\n") == lines.get(form, found.body.count(b"\n"))


CODINGS = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
    "lz4": lz4.frame.decompress,
}


@pytest.mark.parametrize("coding", CODINGS)
def test_content_codings_both_ways(asker: ClickHouseAsker, coding: str) -> None:
    """A body that is sent compressed is read, and the answer comes as the client accepts it; small ones come as they are."""
    make = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstandard.ZstdCompressor().compress, "lz4": lz4.frame.compress}[coding]
    sent = make(b"SELECT number FROM numbers(100000)")
    found = asker.ask(sent, {"Content-Encoding": coding, "Accept-Encoding": f"br, {coding};q=0.8"})
    assert found.headers["content-encoding"] == coding
    assert CODINGS[coding](found.body).splitlines()[-1] == b"99999"
    plain = asker.ask(sent, {"Content-Encoding": coding, "Accept-Encoding": coding}, named={"enable_http_compression": "0"})
    assert "content-encoding" not in plain.headers
    assert plain.body.endswith(b"\n99999\n")
    assert "content-encoding" not in asker.ask("SELECT 1", {"Accept-Encoding": coding}).headers


def test_frames_of_clickhouse_both_ways(asker: ClickHouseAsker) -> None:
    """`compress=1` frames the answer, and errors too, because some clients read nothing else; `decompress=1` undoes the body's."""
    found = asker.ask(framed(b"SELECT number FROM numbers(300000)"), named={"compress": "1", "decompress": "1", "default_format": "RowBinary"})
    assert unframed(found.body, 9 * MIB) == b"".join(number.to_bytes(8, "little") for number in range(300_000))
    refused = asker.ask("SELECT nope", named={"compress": "1"})
    assert (refused.status, refused.code) == (404, 47)
    assert b"Code: 47. DB::Exception:" in unframed(refused.body, MIB)
    assert asker.ask(framed(b"SELECT 1")[:-1], named={"decompress": "1"}).code == 36


def test_the_first_question_of_clickhouse_go(asker: ClickHouseAsker) -> None:
    """Byte by byte as clickhouse-go reads it, told revision 0; another client gets the engine's own answer."""
    sql = "SELECT displayName(), version(), revision(), timezone()"
    version, zone = asker.ask("SELECT version(), timezone()").text.split()
    found = asker.ask(sql, named={"default_format": "Native", "client_protocol_version": "54460", "database": "default"})
    measured = bytes.fromhex("010002ffffffff0004010d646973706c61794e616d65282906537472696e6700")
    assert found.body == measured + b"\x08hookline" + (
        b"\x09version()\x06String\0"
        + bytes([len(version)])
        + version.encode()
        + b"\x0arevision()\x06UInt32\0"
        + bytes(4)
        + b"\x0atimezone()\x06String\0"
        + bytes([len(zone)])
        + zone.encode()
    )
    assert asker.ask(sql).text.split("\t")[2] != "0"


ERRORS = [
    ("SELECT nope", {}, 404, 47, "(UNKNOWN_IDENTIFIER)"),
    ("SELECT * FROM nope", {}, 404, 60, "(UNKNOWN_TABLE)"),
    ("selec 1", {}, 400, 62, "(SYNTAX_ERROR)"),
    ("", {}, 400, 62, "(SYNTAX_ERROR)"),
    ("SELECT 1; SELECT 2", {}, 400, 62, "(SYNTAX_ERROR)"),
    ("SELECT {x:String}", {}, 400, 456, "(UNKNOWN_QUERY_PARAMETER)"),
    ("SELECT file('/etc/passwd')", {}, 403, 497, "(ACCESS_DENIED)"),
    ("SELECT 1 FORMAT Nope", {}, 404, 73, "(UNKNOWN_FORMAT)"),
    ("SELECT 1", {"default_format": "Template"}, 404, 73, "(UNKNOWN_FORMAT)"),
    ("SELECT 1", {"nope": "1"}, 404, 115, "(UNKNOWN_SETTING)"),
    ("SELECT 1", {"max_threads": "'"}, 400, 72, "(CANNOT_PARSE_NUMBER)"),
    ("SELECT 1", {"database": "elsewhere"}, 403, 497, "(ACCESS_DENIED)"),
    ("SELECT 1", {"session_id": "new", "session_check": "1"}, 404, 372, "(SESSION_NOT_FOUND)"),
    ("SELECT throwIf(number = 3, 'on purpose') FROM numbers(9)", {}, 500, 395, "(FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)"),
    ("SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1", {"max_execution_time": "0.2"}, 500, 159, "(TIMEOUT_EXCEEDED)"),
    ("SELECT groupArray(number) FROM numbers(100000000)", {}, 500, 241, "(MEMORY_LIMIT_EXCEEDED)"),
    ("SELECT repeat(materialize('x'), 100000) FROM numbers(90) FORMAT JSON", {}, 500, 396, "(TOO_MANY_ROWS_OR_BYTES)"),
    ("SELECT toUInt8(char(255))", {}, 500, 6, "(CANNOT_PARSE_TEXT)"),
]


@pytest.mark.parametrize(("sql", "named", "status", "code", "name"), ERRORS)
def test_an_error_has_its_status_its_number_and_a_text_that_clients_parse(
    asker: ClickHouseAsker, sql: str, named: dict[str, str], status: int, code: int, name: str
) -> None:
    """As ClickHouse tells it, once, without a stack."""
    found = asker.ask(sql, named=named)
    assert (found.status, found.code) == (status, code), found.body[:300]
    assert found.text.startswith(f"Code: {code}. DB::Exception: ")
    assert name in found.text
    assert found.text.count("Code:") == 1


@pytest.mark.parametrize("path", ["/play", "/dashboard", "/api/v1/query", "//"])
def test_nothing_else_is_there(asker: ClickHouseAsker, path: str) -> None:
    """One handle, and the ping."""
    assert asker.ask("SELECT 1", path=path).status >= 400


def test_a_body_that_is_too_large_is_refused(asker: ClickHouseAsker) -> None:
    """As it comes, and after decompression."""
    assert asker.ask(b"SELECT 1 --" + b" " * MIB).status == 413
    assert asker.ask(gzip.compress(b"SELECT 1 --" + b" " * 4 * MIB), {"Content-Encoding": "gzip"}).status == 413
    assert asker.ask(framed(b"SELECT 1 --" + b" " * 4 * MIB), named={"decompress": "1"}).status == 413


def test_a_head_tells_what_the_answer_is(asker: ClickHouseAsker) -> None:
    """Ids, format, zone and, of an answer that comes whole, what it took."""
    found = asker.ask("SELECT 1 AS a FORMAT JSON", named={"query_id": "my-own"})
    assert found.headers["x-clickhouse-query-id"] == "my-own"
    assert found.headers["content-type"] == "application/json; charset=UTF-8"
    assert found.headers["x-clickhouse-server-display-name"] == "hookline"
    assert '"result_rows":"1"' in found.headers["x-clickhouse-summary"]
    assert len(found.headers["x-clickhouse-exception-tag"]) == 16


ASKED_BY_CLIENTS = [
    # DBeaver and the JDBC driver
    "SELECT version() AS server_version",
    "SELECT VERSION()",
    "SHOW DATABASES",
    "SELECT name FROM system.table_engines",
    "SELECT name AS TABLE_NAME, engine AS TABLE_TYPE, * FROM system.tables WHERE database = 'hookline'",
    "SHOW CREATE TABLE hookline.otel_traces",
    "SELECT name, type, default_kind, comment FROM system.columns WHERE database = 'hookline' AND table = 'otel_traces'",
    "SELECT name, case_insensitive, alias_to FROM system.data_type_families",
    "SELECT name, is_aggregate FROM system.functions LIMIT 10000",
    # Grafana's plugin
    'SHOW TABLES FROM "hookline"',
    'DESC TABLE "hookline"."otel_traces"',
    "SELECT name, type, table FROM system.columns WHERE database IN ('hookline') AND table = 'otel_traces'",
    "SELECT DISTINCT arrayJoin(mapKeys(SpanAttributes)) AS keys FROM (SELECT SpanAttributes FROM hookline.otel_traces LIMIT 10) LIMIT 1000",
    "SELECT DISTINCT SpanName FROM hookline.otel_traces WHERE SpanName IS NOT NULL LIMIT 1000",
    "SELECT 1 FROM otel_traces LIMIT 1 settings additional_table_filters={'otel_traces': ' SpanName = \\'x\\' '}",
    # clickhouse-sqlalchemy, clickhouse-connect
    "select currentDatabase()",
    "SELECT name, value, readonly FROM system.settings LIMIT 10000",
]


def test_what_clients_ask_by_themselves_is_answered(asker: ClickHouseAsker) -> None:
    """Their catalogues, editors and filters work."""
    found = {sql: asker.ask(sql) for sql in ASKED_BY_CLIENTS}
    assert {sql: answer.text[:200] for sql, answer in found.items() if answer.status != 200} == {}
    settings = dict(line.split("\t")[::2] for line in found[ASKED_BY_CLIENTS[-1]].text.splitlines())
    assert (settings["max_threads"], settings["join_use_nulls"], settings["allow_ddl"]) == ("0", "0", "1")
