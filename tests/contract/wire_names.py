"""All names of the contract, and those that the SQL, the pages and the API's document use."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

import hookline_collector
from hookline.contract import claude_native, content, databases, events, scopes, semconv, services

ROOT = Path(__file__).parents[2]
SQL = Path(hookline_collector.__file__).parent
FAMILIES = (
    "hookline|gen_ai|session|claude_code|vcs|process|system|service|user|host|telemetry|log|file|error|event|prompt|os|cpu|disk|com\\.anthropic"
)
WIRE_NAME = re.compile(rf"(?<![\w.-])(?:{FAMILIES})\.[a-z][a-z0-9_.]*")
MAY_NAME = re.compile(rf"['\"}}](?:{FAMILIES})\.")
"""Where a literal may begin with one: one module of ten has any, and to parse all of them takes seconds."""


@cache
def contract_names() -> frozenset[str]:
    """Return every name that the contract gives."""
    found = {*events.RECORD_NAMES.values(), events.SESSION_CLOSED_RECORD.removeprefix(events.RECORD_PREFIX)}
    found.update(metric.name for metric in services.METRICS)
    found |= {*databases.DATABASE_METRICS, *databases.PG_BLOCKS}
    found.update(content.CONVENTIONS, content.RESOURCE, *content.AGENTS.values(), (content.CONVENTIONS_PREFIX,))
    for module in (semconv, events, scopes, claude_native, services, databases):
        for name, value in vars(module).items():
            if isinstance(value, str) and name.isupper():
                found.add(value)
            elif isinstance(value, type) and issubclass(value, StrEnum):
                found.update(member.value for member in value)
    return frozenset(found)


def python_names() -> Iterator[tuple[str, str]]:
    """Yield the file and the word of every literal in the program that looks like a name of the wire."""
    for half in ("instrumentation", "collector"):
        for path in sorted((ROOT / half).rglob("*.py")):
            text = path.read_text()
            for node in ast.walk(ast.parse(text)) if MAY_NAME.search(text) else ():
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and WIRE_NAME.fullmatch(node.value):
                    yield str(path.relative_to(ROOT)), node.value


def statements() -> dict[str, str]:
    """Return the SQL of the collector, by file, without its comments."""
    return {str(path.relative_to(SQL)): _without_comments(path.read_text()) for path in sorted(SQL.rglob("*.sql"))}


def literals(sql: str) -> Iterator[str]:
    """Yield the quoted words of a statement."""
    for match in re.finditer(r"'((?:[^'\\]|\\.)*)'", sql):
        yield match.group(1)


def _without_comments(sql: str) -> str:
    return "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))
