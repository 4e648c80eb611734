"""What an error of ClickHouse means, and how it reads."""

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError
from urllib3.exceptions import ReadTimeoutError

from hookline.errors import Refused, Rejected
from hookline_collector.store.faults import classify, clean
from support.cases import with_each


@with_each("code", [60, 81, 159, 202, 209, 210, 241, 242, 243, 252, 319, 394, 497, 516, 999, 1000])
def test_what_lies_with_the_store_is_tried_again(code: int) -> None:
    """Away, slow, full, out of memory, its tables or grants being changed."""
    assert isinstance(classify(DatabaseError(f"Code: {code}. DB::Exception: x", code=code)), Refused)


@with_each("code", [6, 27, 32, 33, 53, 62, 69, 117, 131, 444, 99999])
def test_what_lies_with_the_bytes_or_is_not_known_is_rejected(code: int) -> None:
    """An unknown error must not hold up what follows: such a segment is kept in the quarantine."""
    assert type(classify(DatabaseError(f"Code: {code}. DB::Exception: x", code=code))) is Rejected


@pytest.mark.parametrize("error", [OperationalError("x"), OSError("broken pipe"), ReadTimeoutError(None, "u", "slow"), RuntimeError("engine")])  # type: ignore[arg-type]
def test_an_error_without_a_code_is_tried_again(error: Exception) -> None:
    """Nobody refused anything: the connection failed."""
    assert isinstance(classify(error), Refused)


MESSAGES = [
    (
        "HTTPDriver for http://127.0.0.1:8123 returned response code 404)\n Code: 60. DB::Exception: Table h.t does not exist. (UNKNOWN_TABLE) "
        "(version 26.9.2.1 (official build))",
        "Table h.t does not exist (UNKNOWN_TABLE)",
    ),
    (
        "RuntimeError: Code: 32. DB::Exception: Code: 32. DB::Exception: End (in file/uri /tmp/x.raw): While. (EOF). (EOF)",
        "End: While (EOF)",
    ),
    ("Code: 62. DB::Exception: Syntax error: at 1: In scope SELECT formatQuery('x (A)'). (SYNTAX_ERROR)", "Syntax error: at 1 (SYNTAX_ERROR)"),
    ("no code at all", "no code at all"),
]


@pytest.mark.parametrize(("raw", "sentence"), MESSAGES)
def test_a_message_is_the_sentence_and_the_errors_name(raw: str, sentence: str) -> None:
    """Neither address nor version nor prefixes."""
    assert clean(raw) == sentence
