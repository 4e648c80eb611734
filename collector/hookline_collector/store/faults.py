"""What an error of ClickHouse means for the caller: try again later, or never.

Try again when the fault is the store's: it is away, slow, full, out of memory, or somebody changes its tables or grants. Everything else
is the fault of the data: such a segment goes to the quarantine, which keeps it, instead of holding up all that follow.
"""

import re

from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_connect.driver.exceptions import Error as ClickHouseError
from urllib3.exceptions import HTTPError

from hookline.errors import HooklineError, Refused, Rejected

FAULTS = (ClickHouseError, HTTPError, OSError, RuntimeError)
"""What the client library and what lies below it raise. Anything else is a mistake in this program and is not caught."""

OUT_OF_MEMORY = frozenset({173, 241})
"""CANNOT_ALLOCATE_MEMORY and MEMORY_LIMIT_EXCEEDED."""

SHORT_FOR_S = 5.0
"""How long whoever was refused for all that runs at once is told to wait: a merge or a heavy statement has ended by then."""
_OF_ALL = "(total) memory limit exceeded"

_BYTES_AT_FAULT = frozenset({32, 33, 117, 436, 444})
"""Of an insert: ATTEMPT_TO_READ_AFTER_EOF, CANNOT_READ_ALL_DATA, INCORRECT_DATA, PROTOBUF_BAD_CAST, UNKNOWN_PROTOBUF_FORMAT."""

_UNKNOWN_ELEMENT_OF_ENUM = 691

_STORE_AT_FAULT = frozenset(
    {
        3,  # UNEXPECTED_END_OF_FILE of the connection
        60,  # UNKNOWN_TABLE: dropped, or not created yet
        81,  # UNKNOWN_DATABASE
        74,  # CANNOT_READ_FROM_FILE_DESCRIPTOR
        75,  # CANNOT_WRITE_TO_FILE_DESCRIPTOR
        76,  # CANNOT_OPEN_FILE
        77,  # CANNOT_CLOSE_FILE
        159,  # TIMEOUT_EXCEEDED
        160,  # TOO_SLOW
        164,  # READONLY
        173,  # CANNOT_ALLOCATE_MEMORY
        192,  # UNKNOWN_USER
        193,  # WRONG_PASSWORD
        194,  # REQUIRED_PASSWORD
        201,  # QUOTA_EXCEEDED
        202,  # TOO_MANY_SIMULTANEOUS_QUERIES
        203,  # NO_FREE_CONNECTION
        204,  # CANNOT_FSYNC
        209,  # SOCKET_TIMEOUT
        210,  # NETWORK_ERROR
        225,  # NO_ZOOKEEPER
        236,  # ABORTED
        241,  # MEMORY_LIMIT_EXCEEDED
        242,  # TABLE_IS_READ_ONLY
        243,  # NOT_ENOUGH_SPACE
        252,  # TOO_MANY_PARTS
        279,  # ALL_CONNECTION_TRIES_FAILED
        285,  # TOO_FEW_LIVE_REPLICAS
        286,  # UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
        289,  # REPLICA_IS_NOT_IN_QUORUM
        319,  # UNKNOWN_STATUS_OF_INSERT: the token makes trying again safe
        394,  # QUERY_WAS_CANCELLED
        439,  # CANNOT_SCHEDULE_TASK
        473,  # DEADLOCK_AVOIDED
        497,  # ACCESS_DENIED
        516,  # AUTHENTICATION_FAILED
        668,  # INVALID_STATE
        999,  # KEEPER_EXCEPTION
        1000,  # POCO_EXCEPTION
    }
)
_NOISE = re.compile(
    r"\s*\(version [^()]*(\([^()]*\))?[^()]*\)"  # of the server
    r"|Stack trace:.*"
    r"|\s*\(for url [^)]*\)|\s*\(in file/uri [^)]*\)"  # where the client keeps what it sends
    r"|: In scope SELECT formatQuery\(.*"  # people's statements go through the formatter first
    r"|(Code: \d+\.\s*)?DB::Exception:\s*",
    re.DOTALL,
)
_CODE = re.compile(r"Code: (\d+)")
_BEFORE = re.compile(r"^.*?(?=Code: \d)", re.DOTALL)
_NAME = re.compile(r"[.:\s]*\(([A-Z][A-Z0-9_]+)\)")


class ShortOfMemory(Refused):
    """What runs in the engine at the moment leaves too little memory for one statement more: asked again, it may be answered (`memory_patience`)."""

    def __init__(self, message: str) -> None:
        super().__init__(f"ClickHouse has no memory for it now: {message}", retry_after_s=SHORT_FOR_S)


class NeedsMoreMemory(Refused):
    """A statement met a limit of its own: asked again, it would meet it again."""


def is_short_of_memory(error: Exception) -> bool:
    """Whether a statement met the limit of all that runs at once, not one of its own."""
    return isinstance(error, ClickHouseError) and error.code in OUT_OF_MEMORY and _OF_ALL in str(error)


def classify(error: Exception) -> HooklineError:
    """Return what to raise in place of `error` of the client library or of the wire below it."""
    message = clean(str(error))
    if is_short_of_memory(error):
        return ShortOfMemory(message)
    if not isinstance(error, ClickHouseError) or error.code is None:
        return Refused(f"ClickHouse does not answer: {message}")
    if error.code in OUT_OF_MEMORY:
        return NeedsMoreMemory(f"ClickHouse has not so much memory for one statement: {message}")
    if error.code in _STORE_AT_FAULT:
        return Refused(f"ClickHouse cannot take it now: {message}")
    return Rejected(message)


def classify_insert(error: Exception) -> HooklineError:
    """Return what to raise in place of an insert's error: Rejected only where ClickHouse could not read the bytes.

    It reads all of a request before it stores the first row, so such bytes leave nothing behind, and the delivery may send parts of
    them under other tokens. Any other error may come when some tables have the rows already: only the same token is safe then.
    """
    if isinstance(error, ClickHouseError) and error.code in _BYTES_AT_FAULT:
        return Rejected(clean(str(error)))
    return refused_insert(error)


def is_unread(error: Exception) -> bool:
    """Whether an insert failed because ClickHouse could not read its bytes for the table that they were for: then nothing of them is stored."""
    return isinstance(error, ClickHouseError) and error.code in _BYTES_AT_FAULT | {_UNKNOWN_ELEMENT_OF_ENUM}


def refused_insert(error: Exception) -> Refused:
    """Return what to raise in place of an insert's error that is no fault of its bytes."""
    message = clean(str(error))
    return Refused(f"ClickHouse cannot take it now: {message}" if isinstance(error, ClickHouseError) else f"ClickHouse does not answer: {message}")


def was_hung_up(error: Exception) -> bool:
    """Whether the server closed the connection instead of answering, as it may one that it kept for a while."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, (ConnectionResetError, BrokenPipeError)):
        found = found.__cause__ or found.__context__
    return found is not None


def readable(error: Exception) -> Exception:
    """Return an error of the engine whose message is not UTF-8, as when it quotes what it could not read, with that message and its code.

    The client library gives such a one as a failure to decode it. Any other error comes back as it is.
    """
    found: BaseException | None = error
    while found is not None and not isinstance(found, UnicodeDecodeError):
        found = found.__cause__ or found.__context__
    if found is None or not (code := _CODE.search(text := found.object.decode("utf-8", "replace"))):
        return error
    told = DatabaseError(text)
    told.code = int(code[1])
    return told


def clean(message: str) -> str:
    """Return ClickHouse's message, with its error's name once at the end, without addresses, stack, version and doubled prefixes."""
    names = _NAME.findall(message)
    quiet = _NAME.sub("", _NOISE.sub("", _BEFORE.sub("", message))).strip(" .:")
    return f"{quiet} ({names[-1]})" if names and quiet else quiet or message.strip()
