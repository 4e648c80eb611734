"""Cline writes down when a session ended; under its hub that may be all that tells it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from hookline.agent_event import AgentEvent
from hookline.agents.cline.client_ends import ClientEnds, ended_at
from hookline.contract.events import EventKind
from hookline.fold.going_on import GoingOn

ENDED = "2026-11-25T20:42:42.588Z"
ENDED_NS = 1_795_639_362_588_000_000
SECOND = 1_000_000_000


def test_an_open_turn_ends_when_the_session_has(tmp_path: Path) -> None:
    told: list[tuple[str, bytes, int]] = []

    def tell(spool: Path, name: str, payload: bytes, env: Mapping[str, str], time_ns: int) -> None:
        told.append((name, payload, time_ns))

    turn = GoingOn("s1", "p1", ENDED_NS - SECOND, "/srv/shop", is_waiting=False, calls=())
    ends = ClientEnds(tmp_path, sessions=_Nobody(), going_on=lambda: (turn,), tell=tell)
    record = tmp_path / "s1" / "s1.json"
    ends.notice(AgentEvent(1, "u", "cline", EventKind.PROMPT_SUBMITTED, "s1", transcript_path=str(record.with_name("s1.messages.json"))))
    assert ends.has_turns
    record.parent.mkdir()
    record.write_text(json.dumps({"status": "running", "ended_at": None}))
    ends.look(ENDED_NS + SECOND)
    assert told == []
    record.write_text(json.dumps({"status": "cancelled", "ended_at": ENDED}))
    ends.look(ENDED_NS + SECOND // 2)  # hooks may still tell it
    assert told == []
    ends.look(ENDED_NS + SECOND)
    ends.look(ENDED_NS + 2 * SECOND)
    ((name, payload, time_ns),) = told
    assert (name, time_ns) == ("ended-s1-1795639362588", ENDED_NS)
    assert json.loads(payload)["hookName"] == "agent_abort"


@pytest.mark.parametrize("written", ["", "[]", "{}", '{"ended_at": 3}', '{"ended_at": "soon"}', '{"ended_at": null}'])
def test_a_record_that_says_nothing_known_is_no_end(tmp_path: Path, written: str) -> None:
    (tmp_path / "s1.json").write_text(written)
    assert ended_at(tmp_path / "s1.json") is None
    assert ended_at(tmp_path / "none.json") is None


class _Nobody:
    def key_of(self, session_id: str) -> None:
        return None

    def pid_of(self, session_id: str) -> None:
        return None
