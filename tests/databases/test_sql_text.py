"""The text of a statement without its values: the same from client and server, and nothing of a value left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.sql.sql_text import MAX_FOLDED, fold_statement, read_statement, statement_hash, statement_summary
from support.cases import with_each

SAME = {
    "select * from orders where id = ?": (
        "SELECT * FROM orders WHERE id = %s",
        "SELECT * FROM orders WHERE id = $1",
        "select *\nfrom orders -- by its key\nwhere id = 17;",
        "SELECT * FROM orders /* app='shop' /* nested */ */ WHERE id = %(id)s",
        "SELECT * FROM orders WHERE id = :id",
        "SELECT * FROM orders WHERE id = - 17",
        "SELECT * FROM orders WHERE id = true",
        "SELECT * FROM orders WHERE id = 'a'\n  'b'",
    ),
    "select * from t where a in (?) and b = any (?)": (
        "SELECT * FROM t WHERE a IN (%s, %s) AND b = ANY(%s)",
        "SELECT * FROM t WHERE a IN ($1 /*, ... */) AND b = ANY($2)",
        "SELECT * FROM t WHERE a IN (1,-2,3) AND b = ANY('{1,2}')",
        "SELECT * FROM t WHERE a IN ($1, $2, $3, $4) AND b = ANY($5)",
    ),
    "insert into t(a, b) values (?)": (
        "INSERT INTO t (a, b) VALUES (%s, %s)",
        "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)",
        "INSERT INTO t (a, b) VALUES (1, NULL), ('x', E'it\\'s')",
    ),
    "select a - ?, a % ?, ?::date, ?::varchar(?) from t where c is not null and d is true limit ?": (
        "SELECT a - 1, a %% 2, '2026-01-01'::date, 'x'::varchar(20) FROM t WHERE c IS NOT NULL AND d IS TRUE LIMIT ALL",
        "SELECT a - $1, a % $2, $3::date, $4::varchar(20) FROM t WHERE c IS NOT NULL AND d IS TRUE LIMIT $5",
    ),
}


@pytest.mark.parametrize("folded", SAME)
def test_client_and_server_tell_of_one_statement(folded: str) -> None:
    """Whoever tells of it."""
    assert [fold_statement(text) for text in SAME[folded]] == [folded] * len(SAME[folded])
    assert len({statement_hash(text) for text in SAME[folded]}) == 1
    assert len(statement_hash(folded)) == 16


@given(
    st.lists(st.sampled_from([*SAME, "(", ")", ",", "'", "$1", "-", "--", "/*", "*/", "null", " ", "\n", "a.b", "E'", "\\", "$$", "17"]), max_size=12)
)
def test_what_is_folded_stays_so(parts: list[str]) -> None:
    """Folding once more changes nothing of a whole statement, and never fails."""
    folded = fold_statement(" ".join(parts))
    assert fold_statement(folded).count("17") == 0
    assert "17" not in folded


SECRET = "hunter2"
HIDING = (
    "select '{}'", "select E'\\'{}'", "select 'a''{}'", "select $${}$$", "select $t${}$t$", "select '{}", "select $x${}", "select -- {}\n1",
    "select /* {}", "select U&'{}'", "select 'a\\' {} '", "set app.token = {}", "SET LOCAL app.token TO {}", "create role a password '{}'",
    "select * from t where a = :{}", "do $${}$$", "select 'x' 'y{}'", "insert into t values ('a', '{}'), ('b', '{}')",
)  # fmt: skip


@with_each("text", HIDING)
def test_no_value_survives(text: str) -> None:
    """Wherever a text is cut: the server cuts texts too."""
    whole = text.replace("{}", SECRET)
    for end in range(len(whole) + 1):
        read = read_statement(whole[:end])
        assert "hunter" not in read.folded + read.summary, (whole[:end], read)


@pytest.mark.parametrize("text", ["select 'a\\'{}'", "select \"a\", 'b\\\\', '{}'", "select 1 # {}", "select {a:String}, '{}'"])
def test_no_value_survives_where_a_backslash_escapes(text: str) -> None:
    """ClickHouse and MySQL read strings in their own way."""
    assert SECRET not in fold_statement(text.replace("{}", SECRET), "clickhouse")


def test_a_backslash_may_be_the_character_that_escapes() -> None:
    """As many libraries write it; what follows is not lost."""
    assert fold_statement("select a from t where a like 'x' escape '\\' and b = 2") == "select a from t where a like ? escape ? and b = ?"


HOSTILE = (
    "select " + "1," * 300_000 + "1", "insert into t values " + "(1, 'x'), " * 100_000, "'" * 1_000_000, "(" * 1_000_000, "$a$" * 300_000,
    "/*" * 500_000, '"' * 1_000_001, "-" * 1_000_000, "e'\\" * 300_000, "with a as (" * 100_000, "%(" * 300_000, "{a:" * 300_000, "a." * 400_000,
    " " * 1_000_000, "values (a)," * 100_000, "\x00\x1b[31m" * 100_000, "select a from " + "b, " * 300_000,
)  # fmt: skip


@with_each("text", HOSTILE)
def test_work_is_bounded(text: str) -> None:
    """Megabytes of anybody's text give a short answer; a loop that grows with their square would time out here."""
    read = read_statement(text)
    assert len(read.folded) <= 2 * MAX_FOLDED
    assert len(read.summary) <= 255
    assert "\x1b" not in read.folded


def test_a_thousand_rows_are_one() -> None:
    """However long the text is."""
    one = statement_hash("insert into t(a, b) values (%s, %s)")
    assert statement_hash("insert into t (a, b) values " + ", ".join(["(%s, %s)"] * 100_000)) == one
    assert statement_hash("insert into t (a, b) values " + ", ".join(["('abc', 2)"] * 100_000)) == one


SUMMARIES = {
    "SELECT * FROM orders o, customers AS c JOIN lines l ON true": "SELECT orders customers lines",
    "INSERT INTO shop.orders SELECT * FROM basket": "INSERT shop.orders SELECT basket",
    "WITH x AS (SELECT 1 FROM a) UPDATE b SET c = x.c FROM x FOR UPDATE": "SELECT a UPDATE b",
    "SELECT extract(year FROM day) FROM t WHERE a IS DISTINCT FROM b": "SELECT t",
    "DELETE FROM ONLY t WHERE id = 1": "DELETE t",
    "CREATE UNIQUE INDEX CONCURRENTLY i ON t(a)": "CREATE INDEX i",
    "VACUUM (ANALYZE) t": "VACUUM",
    "BEGIN": "BEGIN",
    'SELECT count(*) FROM "Odd name"': "SELECT odd_name",
    "": "",
}


@with_each("text", SUMMARIES)
def test_a_summary_names_what_is_done_and_with_what(text: str) -> None:
    """As the convention has it."""
    assert statement_summary(text) == SUMMARIES[text]
