"""People's statements: what is answered, what is refused, and that nothing gets out of the limits."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.errors import HooklineError, Rejected
from hookline_collector.store import Store
from support.attacks import ENDLESS, REFUSED
from support.cases import with_each
from support.running import Running, wait_for
from support.soaking import examples
from support.stores import SERVER_TOO, Kind, open_store


@pytest.fixture(scope="module", params=SERVER_TOO)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """One small database for all statements, on each backend; they may not change it."""
    kind: Kind = request.param
    opened = open_store(kind, query_max_s=1.0, query_max_rows=100, query_max_memory_bytes=60_000_000, query_max_result_bytes=2_000_000)
    opened.command("CREATE TABLE t (a UInt8, file_name String) ENGINE = MergeTree ORDER BY a")
    opened.command("INSERT INTO t VALUES (1, 'x'), (2, 'y')")
    opened.command("CREATE VIEW above AS SELECT a FROM t WHERE a > {least:UInt8}")
    opened.command("CREATE DATABASE IF NOT EXISTS elsewhere")
    opened.command("CREATE TABLE IF NOT EXISTS elsewhere.t (a UInt8) ENGINE = MergeTree ORDER BY a")
    try:
        yield opened
    finally:
        opened.command(f"DROP DATABASE {opened.database}")
        opened.close()


ANSWERED: list[tuple[str, list[tuple[Any, ...]]]] = [
    ("SELECT a FROM t ORDER BY a", [(1,), (2,)]),
    ("select a from t order by a;", [(1,), (2,)]),
    ("SELECT a -- drop table t;\nFROM t /* ; INTO OUTFILE 'x' */ ORDER BY a LIMIT 1", [(1,)]),
    ("SELECT ';', 'file(''x'')', 'INTO OUTFILE', 'it\\'s ; SELECT 2'", [(";", "file('x')", "INTO OUTFILE", "it's ; SELECT 2")]),
    ("WITH x AS (SELECT 1 AS n) SELECT n FROM x", [(1,)]),
    ("SELECT a FROM above(least = 1)", [(2,)]),
    ("SELECT number FROM numbers(2)", [(0,), (1,)]),
    ("SELECT * FROM values('n UInt8', 3)", [(3,)]),
    ("(SELECT 1) UNION ALL (SELECT 1)", [(1,), (1,)]),
    ("SELECT file_name FROM t WHERE a IN (SELECT 1)", [("x",)]),
    ("SELECT a FROM t LIMIT 1 FORMAT Pretty", [(1,)]),
    ("SELECT count() FROM system.tables WHERE name = 't' AND database = currentDatabase()", [(1,)]),
    ("SELECT 1 AS `a;b`", [(1,)]),
    ("EXISTS TABLE t", [(1,)]),
    ("SHOW TABLES LIKE 'above'", [("above",)]),
]


@with_each("sql, rows", ANSWERED)
def test_a_statement_that_reads_is_answered(store: Store, sql: str, rows: list[tuple[Any, ...]]) -> None:
    """Whatever reads the store's own tables, in any way of writing it, gives its rows."""
    assert list(store.people_query(sql)) == rows


SCHEMA = [
    "EXPLAIN SELECT 1",
    "EXPLAIN QUERY TREE SELECT 1",
    "EXPLAIN SYNTAX SELECT 1",
    "SHOW CREATE TABLE t",
    "DESCRIBE TABLE t",
    "SHOW COLUMNS FROM t",
]


@pytest.mark.parametrize("sql", SCHEMA)
def test_a_statement_about_the_schema_is_answered(store: Store, sql: str) -> None:
    """EXPLAIN, SHOW and DESCRIBE work."""
    assert len(store.people_query(sql)) >= 1


@with_each("sql", ENDLESS)
def test_a_statement_that_takes_too_long_is_ended(store: Store, sql: str) -> None:
    """It says by how much, and the next statement gets its own answer."""
    hurried = Store(replace(store._settings, store=replace(store._settings.store, query_max_s=0.1)))
    try:
        with pytest.raises(Rejected, match=r"longer than 0\.1 s"):
            hurried.people_query(sql)
        assert list(hurried.people_query("SELECT 1")) == [(1,)]
    finally:
        hurried.close()


@with_each("sql", [sql for sql in REFUSED if sql not in ENDLESS])
def test_a_statement_that_does_more_than_read_is_refused(store: Store, sql: str) -> None:
    """It fails with a message, changes nothing, and the next statement gets its own answer."""
    with pytest.raises(Rejected) as refusal:
        store.people_query(sql)
    assert "root:" not in str(refusal.value)
    assert list(store.people_query("SELECT sum(a) FROM t")) == [(3,)]


def test_names_given_as_parameters_cannot_reach_other_tables(store: Store) -> None:
    """A parameter of type Identifier would name any table after the statement was judged."""
    with pytest.raises(Rejected, match="Identifier"):
        store.people_query("SELECT * FROM {d:Identifier}.{t:Identifier}", {"d": "system", "t": "users"})


@pytest.mark.parametrize("text", ["plain", "a\tb", "back\\slash", "quote'", "new\nline", "{x:String}", "%s", "é☃", "\\N", ""])
def test_parameters_arrive_as_they_are(store: Store, text: str) -> None:
    """Values are bound, never put into the text."""
    assert store.people_query("SELECT {value:String} AS v, {n:UInt64} + 1", {"value": text, "n": 2**63}).rows == ((text, 2**63 + 1),)


AWKWARD = "'\"`;(){}-/*\\ \n"


@settings(max_examples=examples(40), deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from(AWKWARD), st.characters(codec="utf-8", exclude_characters="\0")), max_size=30))
def test_what_stands_in_a_string_or_a_comment_is_never_taken_for_sql(store: Store, text: str) -> None:
    """Any text, among it quotes, semicolons and forbidden names, comes back as it was typed."""
    literal = "file('/etc/passwd'); DROP TABLE t --" + text
    typed = literal.replace("\\", "\\\\").replace("'", "\\'")
    comment = literal.replace("*/", "").replace("/*", "")
    assert store.people_query(f"SELECT /* {comment} */ '{typed}' AS v").rows == ((literal,),)


def test_rows_past_the_limit_are_left_out_and_the_answer_says_so(store: Store) -> None:
    """A person sees that there is more."""
    whole, cut = store.people_query("SELECT number FROM numbers(100)"), store.people_query("SELECT number FROM numbers(101)")
    assert (len(whole), whole.truncated) == (100, False)
    assert (len(cut), cut.truncated) == (100, True)


def test_an_answer_can_be_had_in_the_engines_own_formats(store: Store) -> None:
    """Clients of ClickHouse ask for bytes; a FORMAT clause in the statement counts."""
    assert store.people_answer("SELECT 1 AS a, 'x' AS b", "CSV").body == b'1,"x"\n'
    named = store.people_answer("SELECT 1 AS a FORMAT JSONEachRow", "Native")
    assert (named.form, named.body) == ("JSONEachRow", b'{"a":1}\n')


def test_an_error_reads_as_a_sentence(store: Store) -> None:
    """Neither version nor stack nor the doubled prefix of the engine."""
    with pytest.raises(Rejected) as refusal:
        store.people_query("SELECT missing FROM t")
    assert str(refusal.value).startswith("Unknown expression identifier `missing`") or "missing" in str(refusal.value)
    assert "version" not in str(refusal.value)
    assert "Code:" not in str(refusal.value)


def test_every_type_is_ready_for_json(store: Store) -> None:
    """Wide integers, nanoseconds, maps, NaN and NULL come out as JSON has them."""
    rows = store.people_query(
        "SELECT 18446744073709551615 AS a, fromUnixTimestamp64Nano(1767225600123456789, 'UTC') AS b, map('k', 1.5) AS c, [nan, 1.0] AS d, "
        "CAST(1.25, 'Decimal(9, 2)') AS e, NULL AS f, true AS g, CAST((1, 'x'), 'Tuple(n UInt8, s String)') AS h, toDate('2026-03-01') AS i, "
        "unhex('61FF') AS j, toInt64(-9223372036854775808) AS k, toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') AS l"
    )
    assert rows.as_dicts() == [
        {
            "a": 18446744073709551615,
            "b": "2026-01-01T00:00:00.123456789Z",
            "c": {"k": 1.5},
            "d": [None, 1],
            "e": 1.25,
            "f": None,
            "g": True,
            "h": {"n": 1, "s": "x"},
            "i": "2026-03-01",
            "j": "a\ufffd",
            "k": -9223372036854775808,
            "l": "61f0c404-5cb3-11e7-907b-a6006ad3dba0",
        }
    ]
    assert rows.types[:3] == ("UInt64", "DateTime64(9, 'UTC')", "Map(String, Float64)")


NOT_UTF8 = [
    ("SELECT toUInt8(char(255, 254))", "Cannot parse"),
    ("SELECT CAST(materialize(char(255)) AS Enum8('a' = 1))", "Unknown element"),
    ("SELECT concat('é', char(195)) AS a, toIPv4(a)", "toIPv4"),
    ("SELECT '\udcff'", "half a character"),
]


@pytest.mark.parametrize(("sql", "why"), NOT_UTF8)
def test_an_error_that_quotes_what_is_not_utf8_is_told_as_the_statements_own(
    store: Store, request: pytest.FixtureRequest, sql: str, why: str
) -> None:
    """The engine's message stands in the answer with a mark for what cannot be read; it is no trouble of the store."""
    with pytest.raises(Rejected) as told:
        store.people_query(sql)
    is_embedded = request.node.callspec.params["store"] == "embedded"  # what stands for a server here cannot read the message either
    assert why in str(told.value) or not is_embedded


@pytest.mark.long
def test_long_queries_of_people_hold_up_no_page(collectors: Callable[..., Running]) -> None:
    """Twelve that run as long as they may, and the store answers a page, which keeps nothing, before any of them ends."""
    running = collectors(HOOKLINE_STORE_QUERY_MAX_S="30")
    begun = cpu_s(running)
    with ThreadPoolExecutor(12) as threads:
        asked = [threads.submit(endless, running) for _ in range(12)]
        wait_for(lambda: cpu_s(running) > begun + 1)
        running.client.get("/api/v1/sessions")
        assert not any(one.done() for one in asked)
        running.kill()


def cpu_s(running: Running) -> float:
    """Processor time of the collector."""
    used = psutil.Process(running.process.pid).cpu_times()
    return float(used.user + used.system)


def endless(running: Running) -> None:
    """Ask what ends when the collector does."""
    with contextlib.suppress(HooklineError, OSError):
        running.client.post("/api/v1/query", {"sql": "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)"}, 60)


def test_a_statement_of_ours_has_the_same_limits_without_being_judged(store: Store) -> None:
    """A panel's text is known, its values are bound: it need not be written anew, but it neither writes nor answers without end."""
    assert store.panel_query("SELECT {value:String} AS v", {"value": "a'b"}).rows == (("a'b",),)
    whole = store.panel_query("SELECT number FROM numbers(101)")
    assert (len(whole), whole.truncated) == (100, True)
    with pytest.raises(Rejected):
        store.panel_query("INSERT INTO t SELECT 1")
