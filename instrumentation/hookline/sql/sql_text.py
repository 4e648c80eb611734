"""The text of a statement without what is peculiar to one run of it: the same for the client that sent it and for the server that lists it.

A client's library has `WHERE id = %s`, the server's pg_stat_statements `WHERE id = $1`, its activity `WHERE id = 17`. Folded, all three are
`where id = ?`: comments are out, whatever is or stands for a value is `?` (with its sign, and `true`, `false` and `null` where the server
takes them for values), lists and rows of values are one, letters are small, and space between words is as we put it. The hash of that joins what
a service saw to what its database saw.

No value survives, also not of a text that was cut in the middle of one, or where it cannot be told whether a backslash ended it: then nothing
behind it is kept. Work is bounded: of a longer text its beginning counts, after runs of values were shortened, and what was folded is remembered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

POSTGRESQL: Final = "postgresql"
ESCAPING: Final = frozenset({"clickhouse", "mysql", "mariadb"})
"""Systems where a backslash in a plain string escapes what follows."""
MAX_READ: Final = 512 * 1024
"""So many characters of a text are looked at; further ones are as if it had been cut there."""
MAX_FOLDED: Final = 16 * 1024
"""So many are folded, after runs of values became one."""
MAX_SUMMARY: Final = 255
_REMEMBERED, _REMEMBERED_LONG, _LONG = 1_024, 32, 4_096
_PRINTED_HASH: Final = 16


@dataclass(frozen=True, slots=True)
class StatementText:
    """A statement without its values, the hash of that, and in few words what it does with which tables."""

    folded: str
    hash: str
    summary: str


def read_statement(text: str, system: str = POSTGRESQL) -> StatementText:
    """Return what a statement's text says apart from its values. `system` is `db.system.name`."""
    if len(text) <= _LONG:
        return _remembered(text, False, system in ESCAPING)
    return _remembered_long(*_shortened(text), system in ESCAPING)


def fold_statement(text: str, system: str = POSTGRESQL) -> str:
    """Return the statement with `?` for each value."""
    return read_statement(text, system).folded


def statement_hash(text: str, system: str = POSTGRESQL) -> str:
    """Return 16 hexadecimal digits that name the folded text."""
    return read_statement(text, system).hash


def statement_summary(text: str, system: str = POSTGRESQL) -> str:
    """Return `db.query.summary`: operations and what they are about, as `SELECT orders customers`."""
    return read_statement(text, system).summary


def _read(text: str, was_cut: bool, is_escaping: bool) -> StatementText:
    words = _words(text, is_escaping)
    folded = _CUT_ROW.sub("", _joined(words)) if was_cut else _joined(words)
    return StatementText(folded, sha256(folded.encode("utf-8", "replace")).hexdigest()[:_PRINTED_HASH], _summary(words))


_remembered = lru_cache(_REMEMBERED)(_read)
_remembered_long = lru_cache(_REMEMBERED_LONG)(_read)

# Long lists

_VALUE = r"(?:\$[0-9]++|%s|%\(\w{1,60}+\)s|\?|[0-9]++)(?![\w.])"
_MORE_VALUES = re.compile(rf"(?<![\w$.%])({_VALUE})(?:\s*+,\s*+{_VALUE})++")
_MORE_ROWS = re.compile(rf"(\(\s*+{_VALUE}\s*+\))(?:\s*+,\s*+\(\s*+{_VALUE}\s*+\))++")


def _shortened(text: str) -> tuple[str, bool]:
    """Return a text that is not too long to be folded, and whether it was cut. Runs of values go first, so a thousand rows are as one."""
    read = _MORE_ROWS.sub(r"\1", _MORE_VALUES.sub(r"\1", text[:MAX_READ]))
    return read[:MAX_FOLDED], len(text) > MAX_READ or len(read) > MAX_FOLDED


# Words

_MARK = "?"
_WORDS = r"""
  (?P<space>\s++)
 |(?P<line>--[^\n]*+{hash_comment})
 |(?P<comment>/\*)
 |(?P<string>(?:[bBxXnN]|[uU]&)?+{string})
 |(?P<dollar>\$(?P<tag>(?:[^\W\d]\w*+)?)\$(?:.*?\$(?P=tag)\$|.*+))
 |(?P<value>\$[0-9]++|%s(?!\w)|%[bt](?!\w)|%\(\w++\)[sbt](?!\w)|\{{\w++\s*+:[^{{}}]*+\}}
    |0[xXoObB][0-9a-fA-F_]++|(?:[0-9][0-9_]*+(?:\.[0-9_]*+)?|\.[0-9][0-9_]*+)(?:[eE][+-]?[0-9]++)?)
 |(?P<open>\$\w*+\Z)
 |(?P<quoted>(?:[uU]&)?+"[^"]*+(?:""[^"]*+)*+(?:"|\Z)|`[^`]*+(?:`|\Z))
 |(?P<word>[^\W\d][\w$]*+)
 |(?P<named>(?<!:):[^\W\d]\w*+)
 |(?P<sign>::|:=|=>|<=|>=|<>|!=|!~~?\*?|~~?\*|~~|\|\||->>|->|\#>>|\#>|@>|<@|&&|\?[|&]|%%|.)
"""
_STANDARD = r"(?:[eE]'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+(?:'|\\?+\Z)|'[^']*+(?:''[^']*+)*+(?:'|\Z))"
_ESCAPED = r"'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+(?:'|\\?+\Z)"
_TOKENS: Final = {
    False: re.compile(_WORDS.format(string=_STANDARD, hash_comment=""), re.VERBOSE | re.DOTALL),
    True: re.compile(_WORDS.format(string=_ESCAPED, hash_comment=r"|\#(?!>)[^\n]*+"), re.VERBOSE | re.DOTALL),
}
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_BEFORE_VALUES: Final = frozenset({
    "select", "where", "and", "or", "not", "in", "between", "like", "ilike", "similar", "is", "from", "on", "having", "limit", "offset", "then",
    "else", "when", "case", "by", "values", "set", "returning", "all", "any", "some", "distinct", "using", "as", "with", "into", "join", "union",
    "except", "intersect", "insert", "update", "delete", "over", "partition", "order", "group", "escape", "collate", "rows", "range", "fetch",
    "first", "next", "only", "for", "do", "call", "exists", "array", "row", "interval", "return", "default", "prewhere", "final", "settings",
    "format", "sample", "if", "while", "to",
})  # fmt: skip
"""After these a value begins, so that a minus there is its sign, and a bracket is no call's."""


def _words(text: str, is_escaping: bool) -> list[str]:
    """Return the words of a statement: values are `?`, comments are gone."""
    words: list[str] = []
    tokens, at, end = _TOKENS[is_escaping], 0, len(text)
    last_kind = ""
    while at < end and (found := tokens.match(text, at)) is not None:
        kind, word, at = found.lastgroup or "", found.group(), found.end()
        if kind == "tag":
            kind = "dollar"
        if kind in {"space", "line"}:
            continue
        if kind == "comment":
            at = _after_comment(text, at)
            continue
        if kind == "string":
            if last_kind != "string":  # two strings side by side are one
                _append_value(words)
            if not is_escaping and _may_go_on(word, words):
                break
        elif kind in {"dollar", "value", "open"}:
            _append_value(words)
        elif kind == "named":
            _append_named(words, word)
        elif kind == "sign":
            _append_sign(words, word)
        else:
            _append_word(words, word.lower())
        last_kind = kind
    while words and words[-1] == ";":
        words.pop()
    return _without_setting(words)


def _after_comment(text: str, at: int) -> int:
    """Return where a comment ends that began before `at`; comments nest."""
    depth = 1
    while depth:
        edge = _COMMENT_EDGE.search(text, at)
        if edge is None:
            return len(text)
        depth += 1 if edge.group() == "/*" else -1
        at = edge.end()
    return at


def _may_go_on(word: str, words: list[str]) -> bool:
    """Whether a string might end later: a server set to the old way takes the backslash before the quote for an escape."""
    if word[0] in "eE" or not word.endswith("\\'"):
        return False
    backslashes = len(word) - 1 - len(word[:-1].rstrip("\\"))
    is_escape_clause = word == "'\\'" and len(words) > 1 and words[-2] == "escape"
    return backslashes % 2 == 1 and not is_escape_clause


def _append_value(words: list[str]) -> None:
    while words and words[-1] in {"-", "+"} and not (len(words) > 1 and _is_operand(words[-2])):
        words.pop()
    words.append(_MARK)


def _append_named(words: list[str], word: str) -> None:
    """`:name` stands for a value, but behind one it is the upper bound of a slice."""
    if words and _is_operand(words[-1]):
        words.append(":")
        _append_word(words, word[1:].lower())
    else:
        _append_value(words)


def _append_sign(words: list[str], word: str) -> None:
    if word == "%%":
        words.append("%")
    elif word == _MARK:
        _append_value(words)
    elif word.isprintable():
        words.append(word)


def _append_word(words: list[str], word: str) -> None:
    before = words[-1] if words else ""
    earlier = words[-2] if len(words) > 1 else ""
    if word in {"true", "false"}:
        is_value = before not in {"is", "."} and not (before == "not" and earlier == "is")
    elif word == "null":
        is_value = before not in {"is", "not", "set", "."}
    else:
        is_value = (word == "all" and before == "limit") or (before == "(" and earlier == "extract")
    if is_value:
        _append_value(words)
    else:
        words.append(word)


def _is_operand(word: str) -> bool:
    return word in {_MARK, ")", "]"} or ((word[0].isalpha() or word[0] in '_"`') and word not in _BEFORE_VALUES)


def _without_setting(words: list[str]) -> list[str]:
    """Leave out what a SET sets: it needs no quotes, and may be a secret."""
    if not words or words[0] != "set":
        return words
    edge = next((n for n, word in enumerate(words) if word in {"=", "to"}), None)
    return words if edge is None else [*words[: edge + 1], _MARK]


# Text

_TIGHT_BEFORE: Final = frozenset({",", ")", "]", ".", "::", ";", "[", ":"})
_TIGHT_AFTER: Final = frozenset({"(", "[", ".", "::", ":"})
_ONE_VALUE = r"\?(?:::\w++(?:\[\])?)?"
_LIST = re.compile(rf"(?<=[(\[]){_ONE_VALUE}(?:, {_ONE_VALUE})*+(?=[)\]])")
_ROWS = re.compile(r"\(\?\)(?:, \(\?\))++")
_CUT_ROW = re.compile(r"(?<=\)),(?: \([^()]*+)?\Z")
"""Of a text that was cut: the row in which that was."""
_SAME_ROWS = re.compile(r"(?<=values )(\((?:[^()]|\([^()]*+\))*+\))(?:, \1)++")


def _joined(words: list[str]) -> str:
    pieces: list[str] = []
    before = ""
    for word in words:
        is_call = word == "(" and (before[:1].isalpha() or before[:1] in {"_", '"', "`"}) and before not in _BEFORE_VALUES
        if pieces and not (word in _TIGHT_BEFORE or before in _TIGHT_AFTER or is_call):
            pieces.append(" ")
        pieces.append(word)
        before = word
    return _SAME_ROWS.sub(r"\1", _ROWS.sub("(?)", _LIST.sub(_MARK, "".join(pieces))))


# Summary

_OPERATIONS: Final = frozenset({"select", "insert", "update", "delete", "merge", "replace"})
_BEFORE_TARGETS: Final = frozenset({"from", "join", "into", "update"})
_NO_OPERATION_AFTER: Final = frozenset({"for", "do", "on", "key", "no", "."})
_FROM_WITHIN: Final = frozenset({"extract", "substring", "trim", "overlay", "position"})
_KINDS: Final = frozenset({
    "table", "index", "view", "schema", "database", "role", "user", "function", "procedure", "trigger", "type", "extension", "sequence",
    "materialized", "unique", "temporary", "temp", "unlogged", "concurrently", "if", "not", "exists", "or", "replace", "only", "verbose",
    "analyze", "full", "local", "session",
})  # fmt: skip


def _summary(words: list[str]) -> str:
    if not words:
        return ""
    starts = {"with", "explain", "(", *_OPERATIONS}
    said = _operations(words) if words[0] in starts else _utility(words)
    kept, length = [], 0
    for word in said:
        if length + len(word) > MAX_SUMMARY:
            break
        kept.append(word)
        length += len(word) + 1
    return " ".join(kept)


def _operations(words: list[str]) -> list[str]:
    """Return each operation, and behind it what it reads or writes."""
    said: list[str] = []
    made_here = (
        {words[n - 1] for n in range(2, len(words)) if words[n] == "as" and words[n - 2] in {"with", ",", "recursive"}} if "with" in words else set()
    )
    brackets: list[str] = []
    wants_target = False
    for n, word in enumerate(words):
        before = words[n - 1] if n else ""
        if wants_target and word not in {"only", "lateral", "("}:
            if _is_name(word) and not (n + 1 < len(words) and words[n + 1] == "(" and before != "into"):
                name = _whole_name(words, n)
                if name not in made_here:
                    said.append(name)
            wants_target = False
        if word == "(":
            brackets.append(before)
            wants_target = False
        elif word == ")" and brackets:
            brackets.pop()
        elif word in _OPERATIONS and before not in _NO_OPERATION_AFTER and not (word == "replace" and n):
            said.append(word.upper())
        is_within = word == "from" and (before == "distinct" or (brackets and brackets[-1] in _FROM_WITHIN))
        is_behind = word in _BEFORE_TARGETS and not is_within and before not in _NO_OPERATION_AFTER
        if is_behind or (word == "," and _is_in_from(words, n)):
            wants_target = True
    return said


def _is_in_from(words: list[str], at: int) -> bool:
    """Whether a comma separates tables: since `from` there were only names, aliases and commas."""
    for n in range(at - 1, max(-1, at - 8), -1):
        if words[n] == "from":
            return words[n - 1] != "distinct" if n else True
        if words[n] not in {",", "as", "."} and not _is_name(words[n]):
            return False
    return False


def _utility(words: list[str]) -> list[str]:
    """Return the first words of a statement that is about no rows, and what it is about."""
    said = [words[0].upper()]
    for n, word in enumerate(words[1:6], 1):
        if word in _KINDS:
            said += [word.upper()] if word in {"table", "index", "view", "schema", "database", "role", "function", "extension", "sequence"} else []
        elif _is_name(word):
            return [*said, _whole_name(words, n)]
        else:
            return said
    return said


def _is_name(word: str) -> bool:
    return (word[0].isalpha() or word[0] in '_"`') and word not in _BEFORE_VALUES


def _whole_name(words: list[str], at: int) -> str:
    """Return a name with what stands before and behind its dots, without quotes."""
    parts = [words[at]]
    while at + 2 < len(words) and words[at + 1] == "." and _is_name(words[at + 2]) and len(parts) < 3:
        parts.append(words[at + 2])
        at += 2
    return ".".join(part.strip('"`').replace(" ", "_") for part in parts)
