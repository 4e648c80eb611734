"""What is wrong with a person's statement, with the number and the name that ClickHouse's clients know it by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from clickhouse_connect.driver.exceptions import Error as ClickHouseError

from hookline.errors import Rejected
from hookline_collector.store.faults import FAULTS, clean, readable

_CODE = re.compile(r"Code: (\d+)")
_NAME = re.compile(r"(.*?)\s*\(([A-Z][A-Z0-9_]+)\)", re.DOTALL)
UNKNOWN_EXCEPTION, ACCESS_DENIED = (1002, "UNKNOWN_EXCEPTION"), (497, "ACCESS_DENIED")


class StatementFault(Rejected):
    """A statement that ends with an error: `code` and `name` as ClickHouse numbers and names its errors."""

    def __init__(self, code: int, name: str, message: str) -> None:
        self.code = code
        self.name = name
        super().__init__(message)


@contextmanager
def telling_faults() -> Iterator[None]:
    """Raise what the engine raises, and what the guard refuses, as StatementFault."""
    try:
        yield
    except StatementFault:
        raise
    except Rejected as why:
        raise StatementFault(*ACCESS_DENIED, str(why)) from why
    except (*FAULTS, UnicodeDecodeError) as error:
        raise fault_of(error) from error


def fault_of(error: Exception) -> StatementFault:
    """Return an error of the engine, or of the library before it, as the fault of a statement."""
    told = readable(error)
    text = str(told)
    found = _CODE.search(text)
    code = told.code if isinstance(told, ClickHouseError) and told.code is not None else int(found[1]) if found else UNKNOWN_EXCEPTION[0]
    named = _NAME.fullmatch(clean(text))
    message, name = (named[1], named[2]) if named else (clean(text), UNKNOWN_EXCEPTION[1])
    return StatementFault(code, name, message)
