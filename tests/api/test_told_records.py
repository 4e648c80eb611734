"""A record as the API tells it, and parameters that read what they describe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from hookline.contract.told_records import as_moment, names_of, to_iso, told
from hookline.errors import Rejected
from hookline_collector.api.http.endpoint import Choice, Switch, Text, Whole
from support.api import described


@dataclass(frozen=True, slots=True)
class Inner:
    """A record within another."""

    call_id: str
    started_ns: int
    asleep_ns: int = 0


@dataclass(frozen=True, slots=True)
class Outer:
    """A record with moments, durations, records, a property, and a field that stays inside."""

    ALSO_TOLD: ClassVar = ("in_background",)
    UNTOLD: ClassVar = ("pid",)

    since_ns: int
    running_calls: tuple[Inner, ...]
    closed: dict[str, int]
    pid: str = "7"

    @property
    def in_background(self) -> bool:
        """Told like a field."""
        return True


def test_a_record_is_told_with_moments_in_iso_and_durations_in_seconds() -> None:
    """Whatever is within it as well; what is unknown is null."""
    outer = Outer(1_790_002_800_250_999_999, (Inner("c", 0, 1_500_000_000),), {"timed_out": 1})
    assert told(outer) == {
        "since": "2026-09-21T15:00:00.250Z",
        "running_calls": [{"call_id": "c", "started": None, "asleep_s": 1.5}],
        "closed": {"timed_out": 1},
        "in_background": True,
    }
    assert names_of(Outer) == ("since", "running_calls", "closed", "in_background")


def test_a_name_that_the_table_does_not_know_is_an_error() -> None:
    """At the start of the collector, where the description is made."""

    @dataclass(frozen=True, slots=True)
    class Odd:
        misspelt_ns: int

    with pytest.raises(KeyError):
        names_of(Odd)


@given(st.integers(0, 4_000_000_000_000_000_000))
def test_a_moment_from_memory_is_the_same_text_as_from_the_store(time_ns: int) -> None:
    """The store has nanoseconds; both are cut, not rounded."""
    seconds, rest = divmod(time_ns, 1_000_000_000)
    of_store = f"{str(to_iso(seconds * 1_000_000_000))[:19]}.{rest:09d}Z" if seconds else None
    assert as_moment(of_store) == (to_iso(time_ns) if seconds else None)


def request(query: str) -> Request:
    """Return a request with a query string."""
    return Request({"type": "http", "query_string": query.encode(), "headers": [], "path_params": {}})


DAYS = Whole("days", "", 7, most=30)


@pytest.mark.parametrize("given", ["0", "31", "-1", "1e1", "%C2%B2", "9" * 4_000, ""])
def test_a_number_out_of_bounds_is_rejected_in_a_few_words(given: str) -> None:
    """With its name and its bounds."""
    with pytest.raises(Rejected, match="days must be a whole number from 1 to 30") as why:
        DAYS.of(request(f"days={given}"))
    assert len(str(why.value)) < 200


def test_a_parameter_has_one_default_for_reading_and_description() -> None:
    """Given or not."""
    word = Choice("rounding", "", ("up", "nearest"), "up")
    asked = request("days=30&rounding=nearest&ended=true&user=ana")
    assert (DAYS.of(asked), word.of(asked), Switch("ended", "").of(asked), Text("user", "").of(asked)) == (30, "nearest", True, "ana")
    nothing = request("")
    assert (DAYS.of(nothing), word.of(nothing), Switch("ended", "").of(nothing), Text("user", "", "bo").of(nothing)) == (7, "up", False, "bo")
    assert DAYS.schema == {"type": "integer", "minimum": 1, "maximum": 30, "default": 7}
    with pytest.raises(Rejected, match="rounding must be one of up, nearest"):
        word.of(request("rounding=down"))


def test_every_parameter_of_the_api_that_can_be_left_out_says_what_counts_then() -> None:
    """Texts that narrow an answer have no default: without them nothing is left out."""
    operations: list[dict[str, Any]] = [operation for path in described()["paths"].values() for operation in path.values()]
    known = [parameter for operation in operations for parameter in operation.get("parameters", ())]
    free = {parameter["name"] for parameter in known if parameter["in"] == "query" and "default" not in parameter["schema"]}
    assert free == {
        "agent",
        "route",
        "statement_hash",
        "user",
        "project",
        "account",
        "timezone",
        "target",
        "rule",
        "search",
        "name",
        "session_id",
        "var.NAME",
    }
