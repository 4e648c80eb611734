"""How an error is told to ClickHouse's clients: a status, a header with its number, and a text that several of them parse."""

from __future__ import annotations

import secrets
from http import HTTPStatus

from hookline.errors import HooklineError, Refused, Rejected, TooLarge
from hookline_collector.store.statement_fault import UNKNOWN_EXCEPTION, StatementFault

TAG_CHARS = 16
_TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
_STATUS = {
    36: HTTPStatus.BAD_REQUEST,  # BAD_ARGUMENTS
    43: HTTPStatus.BAD_REQUEST,  # ILLEGAL_TYPE_OF_ARGUMENT
    53: HTTPStatus.BAD_REQUEST,  # TYPE_MISMATCH
    62: HTTPStatus.BAD_REQUEST,  # SYNTAX_ERROR
    72: HTTPStatus.BAD_REQUEST,  # CANNOT_PARSE_NUMBER
    456: HTTPStatus.BAD_REQUEST,  # UNKNOWN_QUERY_PARAMETER
    457: HTTPStatus.BAD_REQUEST,  # BAD_QUERY_PARAMETER
    46: HTTPStatus.NOT_FOUND,  # UNKNOWN_FUNCTION
    47: HTTPStatus.NOT_FOUND,  # UNKNOWN_IDENTIFIER
    60: HTTPStatus.NOT_FOUND,  # UNKNOWN_TABLE
    73: HTTPStatus.NOT_FOUND,  # UNKNOWN_FORMAT
    81: HTTPStatus.NOT_FOUND,  # UNKNOWN_DATABASE
    115: HTTPStatus.NOT_FOUND,  # UNKNOWN_SETTING
    372: HTTPStatus.NOT_FOUND,  # SESSION_NOT_FOUND
    164: HTTPStatus.FORBIDDEN,  # READONLY
    497: HTTPStatus.FORBIDDEN,  # ACCESS_DENIED
    516: HTTPStatus.FORBIDDEN,  # AUTHENTICATION_FAILED
    202: HTTPStatus.SERVICE_UNAVAILABLE,  # TOO_MANY_SIMULTANEOUS_QUERIES
    1000: _TOO_LARGE,  # POCO_EXCEPTION, as ClickHouse has it for a body that is too large
}


def as_fault(error: HooklineError) -> StatementFault:
    """Return any error that was raised on purpose as ClickHouse's clients know errors."""
    if isinstance(error, StatementFault):
        return error
    if isinstance(error, TooLarge):
        return StatementFault(1000, "POCO_EXCEPTION", str(error))
    if isinstance(error, Rejected):
        return StatementFault(36, "BAD_ARGUMENTS", str(error))
    if isinstance(error, Refused):
        return StatementFault(202, "TOO_MANY_SIMULTANEOUS_QUERIES", str(error))
    return StatementFault(*UNKNOWN_EXCEPTION, str(error))


def status_of_fault(fault: StatementFault) -> int:
    """Return the status that ClickHouse answers with for an error of this number."""
    return _STATUS.get(fault.code, HTTPStatus.INTERNAL_SERVER_ERROR)


def fault_text(fault: StatementFault, version: str = "") -> str:
    """Return an error as ClickHouse writes it."""
    behind = f" (version {version})" if version else ""
    return f"Code: {fault.code}. DB::Exception: {str(fault).rstrip('.')}. ({fault.name}){behind}\n"


def new_tag() -> str:
    """Return a mark that no data holds by chance."""
    return secrets.token_hex(TAG_CHARS // 2)


def late_fault(fault: StatementFault, tag: str, version: str) -> bytes:
    """Return what ends an answer that had begun when its statement failed."""
    message = fault_text(fault, version).encode()
    mark = tag.encode()
    return b"\r\n__exception__\r\n" + mark + b"\r\n" + message + str(len(message)).encode() + b" " + mark + b"\r\n__exception__\r\n"
