"""What a person may ask of the database: one statement that only reads, and only what is theirs to read.

Three layers, each enough against most attacks, so that one closes a hole in another:
1. The engine runs the statement in a session that is read-only and limited in time, memory, rows and bytes (people.py); neither
   can be changed from inside it.
2. The embedded engine's user holds no source grant (engine.py): no statement reaches a file or another host through a table function.
3. This module, for what those two let through: `file()` as a scalar function, KILL QUERY, system tables about other users,
   databases of others, functions that call a model or wait.

A statement is never judged as it was typed. The engine's own formatter writes it anew (and refuses a second statement): comments
gone, strings and names quoted one way. That text is judged token by token, and that text, not the person's, is what runs.
It refuses function names anywhere, not only before a parenthesis: `arrayMap(file, ...)` and `APPLY file` call them too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hookline.errors import Rejected


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SYSTEM_TABLES = _names(
    """build_options codecs collations columns constraints contributors data_skipping_indices data_type_families database_engines databases
    documentation formats functions keywords licenses numbers numbers_mt one primes projections settings table_engines table_functions
    tables time_zones zeros zeros_mt"""
)
"""Tables of `system` about the language and the schema; every client that lists tables reads some of them."""

TABLE_FUNCTIONS = _names(
    """format generaterandom generateseries generate_series null numbers numbers_mt primes sqlstandardvalues values view zeros zeros_mt"""
)
"""Table functions that make rows out of nothing. Parameterized views look the same, but are none of the engine's table functions."""

_NEVER = _names(
    """file filesystemavailable filesystemcapacity filesystemunreserved joinget joingetornull showcertificate aiclassify aiembed
    aiextract aifilter aigenerate airedact aisimilarity aitranslate naivebayesclassifier evalmlmethod icebergtruncate"""
)
_NEVER_PREFIXES = ("dictget", "dicthas", "dictisin", "addressto", "catboost")
_NEVER_CALLED = _names(
    """sleep sleepeachrow logtrace demangle authuser authenticateduser currentrequesturl getclienthttpheader getmacro getserverport
    getserversetting serveruuid zookeepersessionuptime getoskernelversion hasthreadfuzzer"""
)
_HEADS = frozenset({"SELECT", "WITH", "EXPLAIN", "SHOW", "DESCRIBE", "EXISTS", "("})
_SHOWN = frozenset({"TABLES", "DATABASES", "CREATE", "COLUMNS", "INDEXES", "FUNCTIONS", "FULL", "EXTENDED"})
_SCHEMAS = frozenset({"information_schema"})
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<string>'(?:[^'\\]|\\.|'')*')|(?P<quoted>`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.|"")*")"""
    r"""|(?P<word>[^\W\d]\w*)|(?P<number>\d\w*)|(?P<other>.)""",
    re.DOTALL,
)
_FORM = re.compile(r"\nFORMAT (\w+)\Z")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class AdmittedStatement:
    """A statement that may run, and the format that its FORMAT clause asked for, which is cut off."""

    sql: str
    form: str | None = None


@dataclass(frozen=True, slots=True)
class EngineCatalog:
    """What else the engine has: names that a statement must not reach."""

    database: str
    databases: frozenset[str]
    table_functions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the engine's own text; `text` of a quoted name is the name."""

    kind: str
    text: str


def admit(formatted: str, around: EngineCatalog) -> AdmittedStatement:
    """Return the statement that may run. `formatted` comes from the engine's formatter. Raises Rejected with what is wrong."""
    form = _FORM.search(formatted)
    sql = formatted[: form.start()] if form else formatted
    tokens = list(_tokens(sql))
    _check_head(tokens)
    for at, token in enumerate(tokens):
        following = tokens[at + 1 : at + 3]
        if token.kind in ("name", "quoted"):
            _check_name(token.text, following, around)
    _check_clauses(tokens)
    return AdmittedStatement(sql, form[1] if form else None)


@dataclass(frozen=True, slots=True)
class CutStatement:
    """A statement without the SETTINGS clauses at its end, and what these ask for: values as text, or as ClickHouse writes a literal."""

    sql: str
    settings: dict[str, str]


def cut_settings(formatted: str) -> CutStatement:
    """Cut the SETTINGS clauses off that stand at the end of a statement, before and after FORMAT.

    Only what reads as such a clause to its end is cut; anything else stays, and the read-only session refuses it.
    """
    settings: dict[str, str] = {}
    sql, form = _cut_form(formatted)
    for _ in range(2):
        at = _settings_at(sql)
        asked = assignments(sql[at + len("SETTINGS") :]) if at is not None else None
        if asked is None:
            break
        settings = asked | settings
        sql, inner = _cut_form(sql[:at].rstrip())
        form = form or inner
    return CutStatement(sql + form, settings)


def _cut_form(sql: str) -> tuple[str, str]:
    """Return a statement without the FORMAT clause at its end, and that clause."""
    found = _FORM.search(sql)
    return (sql[: found.start()], found[0]) if found else (sql, "")


def _settings_at(sql: str) -> int | None:
    """Return where the last SETTINGS outside of brackets begins a line, None where there is none."""
    found, depth = None, 0
    for match in _TOKEN.finditer(sql):
        if match.lastgroup == "other":
            depth += (match[0] in _OPENING) - (match[0] in _CLOSING)
        elif match.lastgroup == "word" and match[0] == "SETTINGS" and not depth and sql[: match.start()].endswith("\n"):
            found = match.start()
    return found


def assignments(text: str) -> dict[str, str] | None:
    """Return `name = value, ...` as names and values, None for anything else."""
    settings: dict[str, str] = {}
    for part in _parts(text):
        tokens = [match for match in _TOKEN.finditer(part) if match.lastgroup != "space"]
        if len(tokens) < 3 or tokens[0].lastgroup not in ("word", "quoted") or tokens[1][0] != "=":
            return None
        name = tokens[0][0] if tokens[0].lastgroup == "word" else _unquoted(tokens[0][0])
        value = part[tokens[2].start() :].strip()
        is_one = len(tokens) == 3 or tokens[2][0] in (*_OPENING, "-") or re.fullmatch(r"[\d.eE+-]+", value)
        if not is_one or name in settings:
            return None
        settings[name] = literal_text(value) if tokens[2].lastgroup == "string" else value
    return settings or None


def _parts(text: str) -> Iterator[str]:
    """Yield what stands between the commas that are outside of brackets and strings."""
    begun, depth = 0, 0
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "other":
            continue
        depth += (match[0] in _OPENING) - (match[0] in _CLOSING)
        if match[0] == "," and not depth:
            yield text[begun : match.start()]
            begun = match.end()
    yield text[begun:]


def literal_text(literal: str) -> str:
    """Return the text that a string literal of the engine's formatter stands for."""
    special = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}
    return re.sub(r"\\(.)", lambda found: special.get(found[1], found[1]), literal[1:-1].replace("''", "'"), flags=re.DOTALL)


def literals(text: str) -> list[str]:
    """Return the texts of all string literals, such as those of a map."""
    return [literal_text(match[0]) for match in _TOKEN.finditer(text) if match.lastgroup == "string"]


def _tokens(sql: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(sql):
        kind = match.lastgroup or "other"
        if kind == "quoted":
            yield Token(kind, _unquoted(match[0]))
        elif kind != "space":
            yield Token("name" if kind == "word" else kind, match[0])


def _unquoted(text: str) -> str:
    quote = text[0]
    return re.sub(r"\\(.)", r"\1", text[1:-1].replace(quote * 2, quote), flags=re.DOTALL)


def _check_head(tokens: Sequence[Token]) -> None:
    words = [token.text.upper() for token in tokens[:2]]
    if not words or words[0] not in _HEADS:
        raise Rejected("Only reading statements can run here: SELECT, WITH, EXPLAIN, SHOW, DESCRIBE, EXISTS.")
    if words == ["EXPLAIN", "AST"]:
        raise Rejected("EXPLAIN AST is not available here because its output has no format; use EXPLAIN SYNTAX or EXPLAIN QUERY TREE.")
    if words[0] == "SHOW" and words[1:] and words[1] not in _SHOWN:
        raise Rejected(f"SHOW {words[1]} is not allowed here; use SHOW TABLES, COLUMNS, CREATE or FUNCTIONS.")


def _check_name(name: str, following: Sequence[Token], around: EngineCatalog) -> None:
    folded = name.lower()
    called = bool(following) and following[0].text == "(" and following[0].kind == "other"
    dotted = len(following) == 2 and following[0].text == "."
    if folded in _NEVER or folded.startswith(_NEVER_PREFIXES) or (called and folded in _NEVER_CALLED):
        raise Rejected(f"The function {name} is not allowed here, and nothing else can use its name.")
    if called and folded not in TABLE_FUNCTIONS and folded in around.table_functions:
        raise Rejected(f"The table function {name}() is not allowed here: it reaches outside the database.")
    if dotted and (name in around.databases or folded in ("system", "default")) and name != around.database:
        _check_table(name, following[1].text)


def _check_table(database: str, table: str) -> None:
    if database.lower() in _SCHEMAS or (database == "system" and table in SYSTEM_TABLES):
        return
    raise Rejected(f"You cannot read the table {database}.{table} here.")


def _check_clauses(tokens: Sequence[Token]) -> None:
    words = [token.text.upper() if token.kind == "name" else token.text for token in tokens]
    for at in range(len(words) - 2):
        if words[at] == "SETTINGS" and tokens[at + 1].kind in ("name", "quoted") and words[at + 2] == "=":
            raise Rejected("Settings cannot be chosen in this place; the ClickHouse interface takes some at the end of a statement.")
    for first, second in pairwise(words):
        if (first, second) == ("INTO", "OUTFILE"):
            raise Rejected("INTO OUTFILE is not allowed here; ask for a format and save the answer yourself.")
        if (first, second) == (":", "IDENTIFIER"):
            raise Rejected("Parameters of type Identifier are not allowed here; write the name.")
