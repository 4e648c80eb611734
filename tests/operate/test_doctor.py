"""What `hookline doctor` asks the collector of its probe; the whole way is walked in tests/e2e/test_up.py."""

from __future__ import annotations

from typing import Any

import pytest

from hookline.contract.scopes import PROBE_PREFIX
from hookline.operate import doctor
from hookline.settings import Settings


class ClientThatNotes:
    """Answers that everything is there, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def post(self, _: str, body: dict[str, Any]) -> dict[str, Any]:
        """Answer a query with one number."""
        self.asked.append(body)
        return {"rows": [[1_000]]}

    def get(self, _: str) -> dict[str, Any]:
        """Answer that the sums are right."""
        return {"signals": [], "ready": True}


def test_the_probes_session_is_bound_and_no_part_of_a_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records and spans are counted by one statement each, which is the same for every probe."""
    client = ClientThatNotes()
    went_well = doctor.DoctorStep("", 0.0, True, "")
    for name, instead in {
        "client_for": lambda _: client,
        "_fire_hooks": lambda *_: went_well,
        "_await_relay": lambda *_: went_well,
        "check_hooks": lambda: iter(()),
    }.items():
        monkeypatch.setattr(doctor, name, instead)
    assert all(step.ok for step in doctor.examine(Settings()))
    assert [body["sql"] for body in client.asked] == [doctor.COUNT_LOGS, doctor.COUNT_SPANS]
    (session,) = {body["parameters"]["session"] for body in client.asked}
    assert session.startswith(PROBE_PREFIX)
    assert all("{session:String}" in body["sql"] for body in client.asked)
