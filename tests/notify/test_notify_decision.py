"""Which waits get a notice, when, and what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.agent_event import Place
from hookline.fold import OpenWait
from hookline.notify.decision import Due, due
from hookline.notify.words import MAX_NAME_CHARS, notice
from hookline.settings.schema import NotifySettings

S = 1_000_000_000
RULES = NotifySettings(how=("desktop",), after_s=10.0)
ASKED = OpenWait("w", "0123456789abcdef", "claude-code", "permission", 100 * S, "Bash", "call", place=Place(project="shop", root="/home/dev/shop"))


def test_a_wait_is_told_at_its_limit_and_not_before() -> None:
    """Until then it is said when to look again."""
    assert due([ASKED], (), 110 * S - 1, RULES) == Due(next_ns=110 * S)
    assert due([ASKED], (), 110 * S, RULES) == Due(fresh=(ASKED,))


def test_a_wait_is_told_once_and_its_notice_ends_with_it() -> None:
    """However long it lasts."""
    assert due([ASKED], ("w",), 999 * S, RULES) == Due()
    assert due([], ("w",), 999 * S, RULES) == Due(over=("w",))


def test_a_wait_that_ends_in_time_is_never_told() -> None:
    """Nothing was sent, so nothing is taken back."""
    assert due([], (), 110 * S, RULES) == Due()


@pytest.mark.parametrize(("reason", "is_told"), [("permission", True), ("answer", True), ("prompt", False)])
def test_only_the_waits_that_are_wanted_are_told(reason: str, is_told: bool) -> None:
    """A turn's end is not, unless somebody wants it."""
    wait = replace(ASKED, reason=reason)
    assert bool(due([wait], (), 200 * S, RULES).fresh) is is_told
    assert due([wait], (), 200 * S, replace(RULES, about=("prompt",))).fresh == (() if is_told else (wait,))


def test_a_clock_that_is_set_back_makes_a_notice_late_and_never_double() -> None:
    """What was sent stays sent."""
    assert due([ASKED], ("w",), 50 * S, RULES) == Due()
    assert due([ASKED], (), 50 * S, RULES) == Due(next_ns=110 * S)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8))
def test_looking_whenever_it_is_said_tells_every_long_wait_at_its_limit(spans: list[tuple[int, int]]) -> None:
    """And no other: the looks are at the changes of the waits and at the moments that `due` names."""
    waits = {f"w{n}": (begin * S, (begin + length) * S) for n, (begin, length) in enumerate(spans)}
    moments = {moment for span in waits.values() for moment in span}
    told: dict[str, int] = {}
    sent: set[str] = set()
    while moments:
        now = min(moments)
        moments.remove(now)
        open_now = [replace(ASKED, id=name, since_ns=begin) for name, (begin, end) in waits.items() if begin <= now < end]
        found = due(open_now, sent, now, RULES)
        told |= {wait.id: now for wait in found.fresh}
        sent = (sent | {wait.id for wait in found.fresh}) - set(found.over)
        if found.next_ns is not None:
            moments.add(found.next_ns)
    assert told == {name: begin + 10 * S for name, (begin, end) in waits.items() if end - begin > 10 * S}
    assert not sent


def test_a_notice_says_whose_wait_it_is_and_for_what() -> None:
    """The project, the agent, the tool, since when, and the beginning of the session's id."""
    told = notice(ASKED)
    assert told.title == "shop: Claude Code waits for a permission"
    assert told.body.startswith("Bash, since ")
    assert told.body.endswith(", session 01234567")
    assert told.facts["since"] == "1970-01-01T00:01:40.000Z"


def test_a_subagents_wait_names_the_subagent() -> None:
    """Its type, which is what a person knows it by."""
    told = notice(replace(ASKED, reason="answer", agent_id="a1", agent_type="Explore"))
    assert told.title == "shop: Claude Code's subagent Explore waits for an answer"
    assert told.facts["subagent"] == "Explore"


def test_names_that_a_repository_chooses_steer_nothing() -> None:
    """Control characters, escape sequences and what turns the direction of writing are gone; what is long is cut."""
    told = notice(replace(ASKED, place=Place(project="a\x1b]0;x\x07\n\u202e\x9b" + "b" * 500), tool="\x07Bash\n"))
    assert told.title.startswith("a]0;xbb")
    assert len(told.title) < MAX_NAME_CHARS + 60
    assert told.body.startswith("Bash, ")
    assert (told.title + told.body).isprintable()


def test_a_notice_holds_nothing_else_of_the_work() -> None:
    """No path, no call, no branch."""
    told = notice(replace(ASKED, place=replace(ASKED.place, branch="secret-branch", url="https://x:token@host/y")))
    for word in ("secret-branch", "token", "/home", "call"):
        assert word not in f"{told.title}{told.body}{told.facts}"
