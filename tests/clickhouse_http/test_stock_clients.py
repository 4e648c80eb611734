"""Clients of ClickHouse as their registries hold them run one table of statements, and all give the same rows.

What they need is kept in `.cache/clickhouse-clients`, at pinned versions: it is downloaded when it is not there. A client whose tool chain or
registry is not there is skipped, and says why.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.running import Running

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "tests" / "fixtures" / "clickhouse-clients"
KEPT = ROOT / ".cache" / "clickhouse-clients"
JARS = {
    "com.clickhouse:clickhouse-jdbc:0.9.8:jar:all": "com/clickhouse/clickhouse-jdbc/0.9.8/clickhouse-jdbc-0.9.8-all.jar",
    "org.slf4j:slf4j-api:2.0.17": "org/slf4j/slf4j-api/2.0.17/slf4j-api-2.0.17.jar",
    "org.slf4j:slf4j-nop:2.0.17": "org/slf4j/slf4j-nop/2.0.17/slf4j-nop-2.0.17.jar",
}
PATIENCE_S = 300
pytestmark = [pytest.mark.long, pytest.mark.timeout(PATIENCE_S * 2)]

Rows = list[list[str | None]]
STATEMENTS: list[tuple[str, Rows | int]] = [
    ("SELECT 1", [["1"]]),
    ("SELECT number, toString(number) FROM numbers(3)", [["0", "0"], ["1", "1"], ["2", "2"]]),
    ("SELECT toString(toInt64(-9223372036854775808)), 'it''s \"quoted\" \\\\ back, é☃'", [["-9223372036854775808", 'it\'s "quoted" \\ back, é☃']]),
    ("SELECT CAST(NULL, 'Nullable(String)'), CAST('x', 'LowCardinality(String)'), CAST(7, 'Nullable(UInt8)')", [[None, "x", "7"]]),
    ("SELECT number FROM numbers(3) WHERE number > 5", []),
    ("SELECT count(), sum(n) FROM (SELECT number AS n FROM numbers(100000))", [["100000", "4999950000"]]),
    ("SELECT number FROM numbers(100000)", [[str(number)] for number in range(100_000)]),
    ("SELECT count() FROM otel_traces WHERE SpanName = 'nothing has this name'", [["0"]]),
    ("SELECT name FROM system.tables WHERE database = 'hookline' AND name = 'otel_traces'", [["otel_traces"]]),
    ("SELECT count() > 100 FROM system.functions", [["1"]]),
    ("SELECT nope", 47),
    ("SELECT * FROM nope", 60),
    ("SELECT file('/etc/passwd')", 497),
    ("INSERT INTO otel_traces SELECT * FROM otel_traces", 497),
    ("SELECT throwIf(number = 3, 'on purpose') FROM numbers(9)", 395),
]
"""A statement, and its rows, or the number of its error."""


def done(line: list[str], folder: Path, env: dict[str, str] | None = None) -> str:
    """Run a program and return what it printed; skip where it cannot be had."""
    if shutil.which(line[0]) is None and not Path(line[0]).exists():
        pytest.skip(f"needs {Path(line[0]).name}")
    found = subprocess.run(line, cwd=folder, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    if found.returncode:
        pytest.skip(f"{Path(line[0]).name} could not bring what is needed: {found.stderr.strip()[-300:]}")
    return found.stdout


def kept(name: str, sources: str) -> Path:
    """Return a client's folder with its sources."""
    folder = KEPT / name
    folder.mkdir(parents=True, exist_ok=True)
    for path in (PROGRAMS / sources).iterdir():
        shutil.copy(path, folder)
    return folder


def node(address: str, token: str, table: Path) -> list[str]:
    """The Node.js client."""
    folder = kept("node", "node")
    if not (folder / "node_modules").exists():
        done(["npm", "install", "--no-audit", "--no-fund", "--loglevel", "error"], folder)
    return ["node", str(folder / "statements.mjs"), str(folder), f"http://{address}", token, str(table)]


def go(method: str) -> Callable[[str, str, Path], list[str]]:
    """clickhouse-go over HTTP, as Grafana's plugin uses it, with one of its compressions."""

    def line(address: str, token: str, table: Path) -> list[str]:
        folder, program = kept("go", "go"), KEPT / "statements"
        tool = shutil.which("go") or "/usr/local/go/bin/go"
        if not program.exists() or program.stat().st_mtime < (PROGRAMS / "go" / "main.go").stat().st_mtime:
            caches = {"GOFLAGS": "-mod=readonly", "GOCACHE": str(KEPT / "go-build"), "GOMODCACHE": str(KEPT / "go-modules")}
            done([tool, "build", "-o", str(program), "."], folder, caches)
        return [str(program), address, token, method, str(table)]

    return line


def java(address: str, token: str, table: Path) -> list[str]:
    """The JDBC driver, as DBeaver uses it, and what DBeaver asks it about tables."""
    KEPT.mkdir(parents=True, exist_ok=True)
    repository = KEPT / "java" / "repository"
    for artifact, where in JARS.items():
        if not (repository / where).exists():
            line = ["mvn", "-q", "-B", f"-Dmaven.repo.local={repository}", "dependency:get", f"-Dartifact={artifact}", "-Dtransitive=false"]
            done(line, KEPT)
    jars = ":".join(str(repository / where) for where in JARS.values())
    return ["java", "-cp", jars, str(PROGRAMS / "java" / "Statements.java"), address, token, str(table)]


def python(program: str) -> Callable[[str, str, Path], list[str]]:
    """A client of PyPI, in an environment of its own."""

    def line(address: str, token: str, table: Path) -> list[str]:
        folder = kept("python", "python")
        own = folder / "bin" / "python"
        if not (folder / "complete").exists():
            done([sys.executable, "-m", "venv", str(folder)], folder)
            done([str(own), "-m", "pip", "install", "-q", "-r", "requirements.txt"], folder)
            (folder / "complete").touch()
        return [str(own), str(folder / program), address, token, str(table)]

    return line


CLIENTS = {
    "@clickhouse/client": node,
    "clickhouse-go, lz4": go("lz4"),
    "clickhouse-go, zstd": go("zstd"),
    "clickhouse-go, gzip": go("gzip"),
    "clickhouse-go": go("none"),
    "clickhouse-jdbc": java,
    "clickhouse-sqlalchemy": python("sqlalchemy_statements.py"),
    "aiochclient": python("aiochclient_statements.py"),
}


@pytest.mark.unwatched
@pytest.mark.parametrize("name", CLIENTS)
def test_a_stock_client_gives_the_rows_of_the_table(running: Running, tmp_path: Path, name: str) -> None:
    """Each statement its rows, or its error with the number that the client shows."""
    table = tmp_path / "statements.sql"
    table.write_text("\n".join(sql for sql, _ in STATEMENTS) + "\n")
    line = CLIENTS[name](running.found.clickhouse, running.client.token, table)
    if shutil.which(line[0]) is None:
        pytest.skip(f"needs {line[0]}")
    found = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert found.returncode == 0, found.stderr[-2000:]
    answers: list[dict[str, Any]] = [json.loads(text) for text in found.stdout.splitlines() if text.startswith("{")]
    for (sql, expected), answer in zip(STATEMENTS, answers, strict=False):
        if isinstance(expected, int):
            assert str(expected) in answer["error"], (sql, answer)
        else:
            assert answer.get("rows") == expected, (sql, str(answer)[:500])
    about = [answer for answer in answers if not {"rows", "error"} & answer.keys()]
    assert len(answers) - len(about) == len(STATEMENTS)
    assert all(count > 0 for answer in about for count in answer.values())
