"""A request read as a question: the statement, its parameters and settings, and how the answer is to be written. The names are ClickHouse's.

The statement is the parameter `query` followed by the body; a form (multipart) may hold it and its parameters instead. What is not a name of the
interface is a setting of the statement, as in ClickHouse.
"""

from __future__ import annotations

import email.parser
import email.policy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import Headers

from hookline.errors import Rejected
from hookline_collector.clickhouse_http.body_codings import accepted_coding, decoded
from hookline_collector.clickhouse_http.native_frames import unframed

_INTERFACE_NAMES = """
    query database default_format compress decompress session_id session_timeout session_check client_protocol_version query_id quota_key
    user password role buffer_size wait_end_of_query stacktrace client_name http_response_headers framing token product
"""
_INTERFACE = frozenset(_INTERFACE_NAMES.split())
_PARAMETER = "param_"
_NO_DATABASE = ("", "default")
DEFAULT_FORM = "TabSeparated"
MAX_PARAMETERS = 1_000


@dataclass(frozen=True, slots=True)
class HttpQuestion:
    """What a client asks, and how it wants the answer."""

    sql: str
    parameters: Mapping[str, str]
    settings: Mapping[str, str]
    database: str
    form: str
    query_id: str
    session_id: str
    must_have_session: bool
    is_framed: bool
    coding: str
    waits_for_end: bool
    protocol: int


def pairs_of(query_string: bytes) -> dict[str, str]:
    """Return the parameters of a URL; the last of a name counts. Raises Rejected for too many."""
    try:
        return dict(parse_qsl(query_string.decode(), keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="strict"))
    except ValueError as why:
        raise Rejected(f"the parameters cannot be read: {why}") from None


def question_of(pairs: Mapping[str, str], headers: Headers, body: bytes, limit: int) -> HttpQuestion:
    """Read a request. Raises Rejected for what cannot be read, TooLarge past `limit` bytes."""
    body = decoded(headers.get("content-encoding", ""), body, limit)
    if _is_on(pairs.get("decompress")):
        body = unframed(body, limit)
    media = headers.get("content-type", "")
    fields, rest = (_form(media, body), "") if media.lower().startswith("multipart/form-data") else ({}, _text(body))
    named = {**pairs, **fields}
    sql = "\n".join(part for part in (named.get("query", ""), rest) if part)
    return HttpQuestion(
        sql=sql,
        parameters={name.removeprefix(_PARAMETER): value for name, value in named.items() if name.startswith(_PARAMETER)},
        settings={name: value for name, value in named.items() if name not in _INTERFACE and not name.startswith(_PARAMETER)},
        database=_database(pairs.get("database") or headers.get("x-clickhouse-database", "")),
        form=headers.get("x-clickhouse-format") or pairs.get("default_format") or DEFAULT_FORM,
        query_id=pairs.get("query_id") or headers.get("x-clickhouse-query-id", ""),
        session_id=pairs.get("session_id", ""),
        must_have_session=_is_on(pairs.get("session_check")),
        is_framed=_is_on(pairs.get("compress")),
        coding="" if _is_off(pairs.get("enable_http_compression")) else accepted_coding(headers.get("accept-encoding", "")),
        waits_for_end=_is_on(pairs.get("wait_end_of_query")),
        protocol=int(number) if (number := pairs.get("client_protocol_version", "")).isdecimal() else 0,
    )


def _database(name: str) -> str:
    return "" if name in _NO_DATABASE else name


def _is_on(value: str | None) -> bool:
    return value in ("1", "true")


def _is_off(value: str | None) -> bool:
    return value in ("0", "false")


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as why:
        raise Rejected(f"the statement is not UTF-8: {why}") from None


def _form(media: str, body: bytes) -> dict[str, str]:
    """Return the fields of a form. Raises Rejected for files: there are no external tables here."""
    head = f"Content-Type: {media}\r\n\r\n".encode("latin-1", "replace")
    found = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    parts: Iterable[email.message.Message] = found.iter_parts() if isinstance(found, email.message.EmailMessage) else ()
    fields: dict[str, str] = {}
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        if part.get_filename() is not None or not isinstance(name, str):
            raise Rejected("External tables cannot be sent here: everything is read-only.")
        content = part.get_payload(decode=True)
        fields[name] = _text(content if isinstance(content, bytes) else b"")
    return fields
