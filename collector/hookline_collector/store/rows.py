"""What a query answers: column names, ClickHouse types and rows whose values are ready for JSON.

The engine itself writes the values, as JSON, so every type it has comes out the way it prints it:

- integers of any width are Python ints; a reader that cannot hold 64 bits must say so itself;
- floats are floats; NaN and infinities are None, as JSON knows neither;
- DateTime and DateTime64 are ISO 8601 in UTC with the digits of their type, `2026-03-01T09:30:00.123456789Z`; Date is `2026-03-01`;
- Map is a dict, Array and unnamed Tuple a list, named Tuple a dict;
- Decimal is a number, Bool a bool, Nullable may be None; everything else is text, with bytes that are no UTF-8 replaced.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

JSON_SETTINGS: dict[str, str] = {
    "output_format_json_quote_64bit_integers": "0",
    "output_format_json_quote_decimals": "0",
    "output_format_json_quote_denormals": "0",
    "output_format_json_named_tuples_as_objects": "1",
    "output_format_json_validate_utf8": "1",
    "date_time_output_format": "iso",
}
"""Settings under which the engine writes values as this module describes them."""


@dataclass(frozen=True, slots=True)
class Rows:
    """An answer. `rows[i][j]` is the value of `columns[j]`, whose ClickHouse type is `types[j]`; `truncated` when rows were left out."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False

    @classmethod
    def parse(cls, body: bytes) -> "Rows":
        """Read an answer in the engine's JSONCompact format; empty bytes are the answer of a statement that has none."""
        if not body.strip():
            return cls((), (), ())
        answer = orjson.loads(body)
        return cls(
            tuple(column["name"] for column in answer["meta"]),
            tuple(column["type"] for column in answer["meta"]),
            tuple(tuple(row) for row in answer["data"]),
        )

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return one dict a row, ready for JSON. Of columns with the same name the last counts."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def scalar(self) -> Any:
        """Return the first value of the first row, None when there is no row."""
        return self.rows[0][0] if self.rows else None

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)
