"""The words of a statement: its text without literals, what it does in few words, and the hash under which the database's side knows it.

Worked out once a text. Services have hundreds of texts, not millions: where a program writes literals into its texts, the cache is bounded, and past
`MAX_SUMMARIES` different statements a metric counts them without their names.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hookline.contract import services as names
from hookline.sql.sql_text import POSTGRESQL, read_statement

MAX_TEXT_CHARS: Final = 4_096
_NO_QUERIES: Final = ("begin", "commit", "rollback", "savepoint", "release", "set ", "start transaction")


@dataclass(frozen=True, slots=True, eq=False)
class StatementWords:
    """What is told of a statement; compared as an object, since there is one a text. `is_query` is False for the frame of transactions."""

    summary: str
    hash: str = ""
    is_query: bool = True
    attributes: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)


@functools.lru_cache(maxsize=2_000)
def sql_words(text: str, system: str = POSTGRESQL) -> StatementWords:
    """Return the words of an SQL text."""
    read = read_statement(text, system)
    labels = {names.DB_SUMMARY: read.summary, names.DB_STATEMENT_HASH: read.hash}
    is_query = not read.folded.startswith(_NO_QUERIES)
    return StatementWords(read.summary, read.hash, is_query, {names.DB_TEXT: read.folded[:MAX_TEXT_CHARS], **labels}, labels)


@functools.lru_cache(maxsize=2_000)
def command_words(operation: str, collection: str = "") -> StatementWords:
    """Return the words of a command of a system without texts."""
    summary = f"{operation} {collection}".rstrip()
    named = {names.DB_OPERATION: operation, names.DB_SUMMARY: summary}
    return StatementWords(summary, attributes=named, labels={names.DB_SUMMARY: summary})


@functools.lru_cache(maxsize=2_000)
def rpc_words(method: str) -> StatementWords:
    """Return the words of a call over gRPC."""
    named = {names.RPC_SYSTEM: "grpc", names.RPC_METHOD: method}
    return StatementWords(method, attributes=named, labels=named)
