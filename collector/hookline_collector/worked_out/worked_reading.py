"""Answering from what was worked out: the same questions, with the same answers.

The views that people read (`turns`, `tool_calls`, `usage`, `sessions`, `activity`, `work_blocks`) read the flat tables. Our own statements are
written against them or, where planning counts, the tables themselves. What cannot be worked out in time (much at once, a full disk) our own
statements compute from the facts, by the views `told_...`; people's own statements are answered as far as it goes, and told what is missing. So are
ours where computing takes more memory than a statement may have: years of work do.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Collection, Mapping
from functools import cache, partial
from typing import Any

from hookline.contract.groupings import GROUPINGS
from hookline.errors import HooklineError
from hookline_collector.corrections.correction_book import corrections_statement
from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query
from hookline_collector.work.statements import Ground, Query, statement
from hookline_collector.worked_out.band_reading import band_rows, bound_of
from hookline_collector.worked_out.clock_reading import LiveHalfHours, going_on_in, is_fine, length_rows, worked_rows
from hookline_collector.worked_out.day_reading import YEAR_BY_YEAR, DayGround, Keys, day_rows, rows_statement
from hookline_collector.worked_out.day_store import NOTHING_ADDED_UP, AddedUp
from hookline_collector.worked_out.made_of_answers import Holds, MadeOfAnswers, noting
from hookline_collector.worked_out.narrowing import narrowed
from hookline_collector.worked_out.remembered_answers import RememberedAnswers
from hookline_collector.worked_out.worked_store import WorkedStore

_OF_REPORTS = {name: f"read_{name}" for name in ("requests", "limits")}
_KEYED = {"calls": ("started_ns", ""), "prompts": ("started_ns", ""), "spend": ("time_ns", "of_")}
"""Those whose rows are grouped by what is asked for: which moment counts, and how the columns of who and where begin."""
_KEYS = {
    "project": "OF_project",
    "branch": "if(OF_branch = '', OF_project, concat(OF_project, ' ', OF_branch))",
    "user": "OF_user",
    "agent": "agent",
    "session": "session_id",
    "model": "model",
    "tool": "tool",
    "kind": "tool_kind",
}
_BY_TIME = "transform(roundDown(MOMENT, {edges:Array(Int64)}), {edges:Array(Int64)}, arrayPushBack({days:Array(String)}, ''), '')"
"""An edge is searched for: an array made for each row is as long as the period has days, and so much memory."""
_UNKNOWN = {"calls": ("model",), "prompts": ("tool", "kind"), "spend": ("tool", "kind")}
_VIEW = re.compile(r"\b(FROM|JOIN) (tool_calls|turns|usage|sessions)(_between)?\b")
_TABLE = re.compile(r"\bFROM worked_(calls|turns|requests|sessions)( AS \w+)? FINAL\s+(?:WHERE|PREWHERE (.+)(\nWHERE)?)")
_BETWEEN = "(since = {since:Date}, until = {until:Date})"
_FACTS = {
    "calls": ("{since:Date} AS day", ("requested", "started", "ended"), f"tool_calls_between{_BETWEEN}"),
    "turns": ("{since:Date} AS day", ("started", "ended"), f"turns_between{_BETWEEN}"),
    "requests": ("{since:Date} AS day", ("time",), f"usage_between{_BETWEEN}"),
    "sessions": ("toDate(started) AS first_day, toDate(last) AS last_day", ("started", "last", "ended"), "sessions"),
}
"""Of each table its days, its moments, and the view of the facts that it is worked out of."""
HalfHoursRead = Callable[[DayGround, Mapping[str, Any], LiveHalfHours], Rows]
DAYS_HOLD_S = 600.0
"""So long what days add up to is remembered at most, as the retention takes days away."""
log = logging.getLogger(__name__)


@cache
def instead() -> Mapping[str, str]:
    """Return each statement that reads facts, with the one that reads what was worked out of them."""
    found = {statement(name): load_query(__package__, own) for name, own in _OF_REPORTS.items()}
    of_parts = (statement(name) for name in ("worked", "lengths"))
    return {**found, **{each: each.replace("told_parts_at(", "worked_parts_at(") + YEAR_BY_YEAR for each in of_parts}}


@cache
def of_half_hours() -> Mapping[str, HalfHoursRead]:
    """Return the statements that half hours and runs of work answer, where these are fine enough, with what reads them."""
    return {statement("worked"): worked_rows, statement("lengths"): length_rows}


@cache
def grouped(by: str) -> Mapping[str, str]:
    """Return the same for those that are grouped: by columns as they are stored, as a text made for each row costs more than all sums."""
    return {statement(name): rows_statement(name, _key(name, by, moment, of)) for name, (moment, of) in _KEYED.items()}


def _key(name: str, by: str, moment: str, of: str) -> str:
    return "''" if by in _UNKNOWN[name] else _KEYS.get(by, _BY_TIME).replace("OF_", of).replace("MOMENT", moment)


@cache
def added_up(by: str) -> Mapping[str, tuple[str, Keys]]:
    """Return the same as they are read of whole days: their names, and what they are grouped by."""
    return {
        statement(name): (name, Keys(_key(name, by, "at_ns", ""), _key(name, by, moment, of), is_of_time=by in ("day", "hour")))
        for name, (moment, of) in _KEYED.items()
    }


class WorkedReading:
    """Questions to what was worked out, as far as it can be brought up to what is stored; else to the facts, which is slower and says the same.

    `query` answers our own statements; what answers those of people and panels is given to `begin_as`.
    """

    def __init__(self, query: Query, worked: WorkedStore, clock_ns: Callable[[], int] = time.time_ns, *, most_bytes: int = 0) -> None:
        """`most_bytes`: so much memory a statement about facts may take; 0 sets no limit."""
        self._query = query = _narrowing(query)
        self._worked = worked
        self._most_bytes = most_bytes
        self._clock_ns = clock_ns
        self._remembered = RememberedAnswers(query, worked.writes) if worked.is_alone else None
        self._flat = self._remembered.ask if self._remembered else query
        self._made = MadeOfAnswers()
        changes = worked.changes if worked.is_alone else None
        self._said = RememberedAnswers(query, lambda _: changes()).ask if changes else query
        self._remembered_of_days = worked.added_up, RememberedAnswers(query, _none, holds_s=DAYS_HOLD_S)

    def begin(self) -> Ground:
        """Work out what is stored and return what answers our questions to all of it. Blocks; where the store is away the question will say so."""
        missing = self._missing()
        return Ground(self._compute, instead=Ground(self._ask, missing)) if missing else Ground(self._ask)

    def begin_as(self, query: Query) -> Ground:
        """Work out what is stored and return `query`, with what is not worked out yet: for people's own statements and for those of panels."""
        return Ground(query, self._missing())

    def _missing(self) -> str:
        try:
            is_all = self._worked.catch_up(self._clock_ns())
        except HooklineError as why:
            log.debug("cannot work out what is stored: %s", why)
            return f"cannot work out what is stored: {why}"
        return "" if is_all else f"{self._worked.backlog} sessions are not worked out yet, ask again in a moment"

    def _ask(self, sql: str, parameters: Mapping[str, Any]) -> Rows:
        if sql in of_half_hours() and is_fine(parameters) and (found := self._of_half_hours(sql, parameters)) is not None:
            return found
        if sql == corrections_statement():
            return self._said(sql, parameters)
        if sql == statement("bands"):
            found = band_rows(self._flat, parameters)
            return self._query(sql, bound_of(self._query, parameters)) if found is None else found
        by = str(parameters.get("by", ""))
        if (found := self._of_days(sql, by, parameters)) is not None:
            return found
        if sql in grouped(by):
            return self._flat(grouped(by)[sql], parameters)
        return self._query(instead().get(sql, sql), parameters)

    def _of_half_hours(self, sql: str, parameters: Mapping[str, Any]) -> Rows | None:
        """Return what half hours and runs come to; None where too much goes on. Where nothing does, it is made once of what answers it."""
        self._made.let_go()
        going_on = going_on_in(self._flat, parameters)
        if going_on is None:
            return None
        read = partial(self._read_half_hours, of_half_hours()[sql], parameters, going_on)
        if self._remembered is None or going_on.names:
            return read(self._flat, [])
        answers = self._remembered
        return self._made.rows(sql, parameters, lambda noted: read(noting(answers, noted), noted))

    def _read_half_hours(self, read: HalfHoursRead, parameters: Mapping[str, Any], going_on: LiveHalfHours, flat: Query, noted: list[Holds]) -> Rows:
        """Read half hours with days as they were added up; without these where one was opened or added up meanwhile."""
        days = self._worked.added_up
        noted.append(lambda: self._worked.added_up is days)
        found = read(DayGround(noting(self._answers_of(days), noted), flat, days), parameters, going_on)
        return found if self._worked.added_up is days else read(DayGround(flat, flat, NOTHING_ADDED_UP), parameters, going_on)

    def _of_days(self, sql: str, by: str, parameters: Mapping[str, Any]) -> Rows | None:
        """Return what days add up to, where that answers the question; None as well where a day was opened or added up meanwhile."""
        days = self._worked.added_up
        if days.through < 0 or by not in GROUPINGS or sql not in added_up(by):
            return None
        name, keys = added_up(by)[sql]
        found = day_rows(DayGround(self._answers_of(days).ask, self._flat, days), name, keys, parameters)
        return found if self._worked.added_up is days else None

    def _answers_of(self, days: AddedUp) -> RememberedAnswers:
        """Return what remembers answers about days for as long as none of them is opened or added up."""
        of_days, answers = self._remembered_of_days
        if of_days is not days:
            answers = RememberedAnswers(self._query, _none, holds_s=DAYS_HOLD_S)
            self._remembered_of_days = days, answers
        return answers

    def _compute(self, sql: str, parameters: Mapping[str, Any]) -> Rows:
        of_facts = _VIEW.sub(r"\1 told_\2\3", _TABLE.sub(_of_facts, sql)).replace("worked_parts_at(", "told_parts_at(")
        return self._query(_within(of_facts, self._most_bytes) if self._most_bytes else of_facts, parameters)


def _within(sql: str, most_bytes: int) -> str:
    """Return a statement with a limit of memory of its own: one that reaches it is refused at once, not asked again until others are done."""
    limit = f"\nSETTINGS max_memory_usage = {most_bytes}"
    return sql.replace("\nSETTINGS ", f"{limit}, ", 1) if "\nSETTINGS " in sql else f"{sql.rstrip()}{limit}"


def _narrowing(query: Query) -> Query:
    return lambda sql, asked: query(narrowed(sql, asked), asked)


def _none(_: Collection[str]) -> int:
    """What days add up to is written by who adds them up alone."""
    return 0


def _of_facts(found: re.Match[str]) -> str:
    """Return what reads a table of what was worked out as it reads the facts instead."""
    table, alias, of_keys, others = found.groups()
    days, moments, view = _FACTS[table]
    columns = ", ".join(("*", days, *(f"toUnixTimestamp64Nano({each}) AS {each}_ns" for each in moments)))
    told = f"(SELECT {columns} FROM {view}){alias or ''}"  # noqa: S608 - our own words
    return f"FROM {told}\nWHERE" + (f" {of_keys}" if of_keys else "") + ("\n  AND" if others else "")
