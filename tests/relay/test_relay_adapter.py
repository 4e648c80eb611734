"""Unit tests of what the relay adds to an adapted event, of its log and of what it imports."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hookline.agent_event import NOWHERE
from hookline.agents import AgentEvent
from hookline.contract.events import EventKind
from hookline.errors import Rejected
from hookline.fold.order import TICK_NS
from hookline.privacy.capture import METADATA_ONLY
from hookline.relay.intake.pipeline import split
from hookline.relay.intake.spool_adapter import SpoolAdapter
from hookline.relay.monitor import Periodic
from hookline.spool import SpoolEvent
from hookline.system.log import LOG, RateLimit, logging_to
from hookline.system.process import ProcessKey, format_created


def file(payload: object, **env: str) -> SpoolEvent:
    content = json.dumps(payload).encode()
    return SpoolEvent(Path("x.ev"), "x.ev", 1_800_000_000_000_000_000, env, content, None, "u1")


PROMPT = {"session_id": "s1", "hook_event_name": "UserPromptSubmit", "prompt": "hello", "cwd": "/srv/shop"}


def test_an_events_process_is_known_by_its_creation_which_is_looked_up_once() -> None:
    """A pid alone comes round again."""
    asked: list[tuple[int, float]] = []

    def find(pid: int, before_s: float) -> ProcessKey:
        asked.append((pid, before_s))
        return ProcessKey(pid, 1_799_999_000.25)

    adapt = SpoolAdapter(lambda _: NOWHERE, METADATA_ONLY, "here", find)
    first, second = adapt(file(PROMPT, claude_pid="42")), adapt(file(PROMPT, claude_pid="42", host="here"))
    assert (first.kind, first.pid, first.process_created) == (EventKind.PROMPT_SUBMITTED, 42, "2027-01-15T07:43:20.250Z")
    assert second.process_created == first.process_created
    assert asked == [(42, 1_800_000_000.0)]


def test_a_process_on_another_host_is_left_out() -> None:
    """Its pid would name a stranger here."""
    adapt = SpoolAdapter(lambda _: NOWHERE, METADATA_ONLY, "here", lambda pid, _: ProcessKey(pid, 0.0))
    event = adapt(file(PROMPT, claude_pid="42", host="there"))
    assert (event.pid, event.process_created) == (None, "")


def test_a_process_that_is_not_there_leaves_its_creation_empty() -> None:
    """And the pid stays, for the record."""
    adapt = SpoolAdapter(lambda _: NOWHERE, METADATA_ONLY, "here", lambda *_: None)
    event = adapt(file(PROMPT, claude_pid="42"))
    assert (event.pid, event.process_created) == (42, "")


def test_a_payload_that_cannot_be_used_is_rejected() -> None:
    """The intake sets it aside."""
    with pytest.raises(Rejected):
        SpoolAdapter(lambda _: NOWHERE, METADATA_ONLY)(file([1]))


def test_creation_times_are_written_as_utc() -> None:
    """ISO 8601 with milliseconds."""
    assert format_created(0.5) == "1970-01-01T00:00:00.500Z"


def event_at(time_ns: int, kind: EventKind = EventKind.STATUS) -> AgentEvent:
    return AgentEvent(time_ns, f"u{time_ns}", "claude-code", kind, "s1")


def test_the_last_tick_waits_for_its_other_events() -> None:
    """Within a tick the order comes from what events mean, so all of them must be there."""
    early, late = event_at(10), event_at(10 + 2 * TICK_NS)
    assert split([late, early], is_end=False) == ([early], [late])
    assert split([late, early], is_end=True) == ([early, late], [])
    assert split([], is_end=False) == ([], [])


def test_a_duty_is_due_at_once_and_then_every_so_often() -> None:
    """By a clock that is given to it; it can be hurried, never delayed by that."""
    duty = Periodic(5.0)
    assert duty.begin_if_due(100.0)
    assert not duty.begin_if_due(104.9)
    assert duty.in_s(104.0) == 1.0
    duty.bring_forward(101.0, 1.0)
    duty.bring_forward(101.0, 60.0)
    assert duty.begin_if_due(102.0)


def test_the_log_takes_each_message_once_a_minute_and_keeps_it_from_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exporters complain at every attempt."""
    exporter = logging.getLogger("opentelemetry.exporter.somewhere")
    with logging_to(tmp_path / "relay.log"):
        for number in range(50):
            exporter.error("Failed to export %d", number)
        LOG.info("began")
    exporter.debug("after")
    lines = (tmp_path / "relay.log").read_text().splitlines()
    assert [line.split(" ", 3)[3] for line in lines] == ["opentelemetry.exporter.somewhere: Failed to export 0", "hookline.relay: began"]
    assert capfd.readouterr() == ("", "")


def test_a_message_passes_again_after_its_minute() -> None:
    """Templates count, not what is filled in."""
    now = [0.0]
    limit = RateLimit(60.0, lambda: now[0])
    record = logging.LogRecord("n", 20, "", 0, "x %d", (1,), None)
    assert [limit.filter(record), limit.filter(record)] == [True, False]
    now[0] = 61.0
    assert limit.filter(record)


@pytest.mark.parametrize(("protocol", "absent"), [("grpc", "requests"), ("http/protobuf", "grpc")])
def test_only_the_protocol_in_use_is_loaded(protocol: str, absent: str) -> None:
    """gRPC and requests weigh 15 to 20 MB each."""
    program = (
        "import sys\n"
        "from hookline.relay import run\n"
        "assert 'opentelemetry' not in sys.modules, 'the package alone loads nothing heavy'\n"
        "from hookline.export.endpoint import from_settings\n"
        "from hookline.export.transport import open_exporters\n"
        "import hookline.relay.assembly\n"
        "from hookline.settings.schema import RelaySettings\n"
        f"open_exporters(from_settings(RelaySettings(protocol={protocol!r})))\n"
        f"assert {absent!r} not in sys.modules\n"
        "assert not [name for name in sys.modules if name.startswith('hookline_collector')]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
