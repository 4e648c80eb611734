"""Another agent is a folder and a row: the walk of docs/adding-an-agent.md, from its hook to its rows."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hookline.agents import AGENTS, event_of, identify
from hookline.agents.agent import Agent
from hookline.contract import semconv
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.export.sdk import resources_of
from hookline.install.scripts import HOOK, put_scripts
from hookline.privacy.capture import METADATA_ONLY, capture_rules
from hookline.settings.schema import CaptureSettings
from hookline.spool import prepare
from support.person import Person
from support.relaying import RelayThread, settings_for
from support.replay import logs_of, replay, spans_of
from support.running import start_collector, wait_for
from support.toy_agent import Toy

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = Path(__file__).parents[1] / "support" / "toy_agent"
TURN = {"conversation": "c-1", "turn": "t-1", "dir": "/srv/shop"}
PAYLOADS: tuple[dict[str, Any], ...] = (
    {"what": "asked", "text": "Run the tests, please.", **TURN},
    {"what": "tool-began", "tool": "shell", "call": "k-1", "command": "pytest", **TURN},
    {"what": "tool-ended", "tool": "shell", "call": "k-1", "command": "pytest", "exit": 1, **TURN},
    {"what": "thought", **TURN},
    {"what": "done", "text": "One test fails.", **TURN},
)
HINT = {"agent": "toy"}


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    """Put Toy's row into the registry."""
    agent = Toy()
    monkeypatch.setitem(AGENTS, agent.name, agent)
    yield agent


def test_the_registry_knows_it_by_the_word_that_its_hooks_say(toy: Agent) -> None:
    """And by nothing else: a payload alone is taken for the agent's whose hooks others run."""
    assert identify(PAYLOADS[0], "toy") is toy
    assert identify(PAYLOADS[0]).name != "toy"


def test_its_payloads_become_events_of_its_own(toy: Agent) -> None:
    """With its names; an event that it has no reader for is kept as another one."""
    events = [event_of(payload, HINT, at, f"u{at}") for at, payload in enumerate(PAYLOADS, 1)]
    assert [event.kind for event in events] == [
        EventKind.PROMPT_SUBMITTED,
        EventKind.TOOL_STARTED,
        EventKind.TOOL_ENDED,
        EventKind.OTHER,
        EventKind.TURN_ENDED,
    ]
    assert {(event.agent, event.provider, event.session_id, event.cwd) for event in events} == {("toy", "acme", "c-1", "/srv/shop")}
    with pytest.raises(Rejected, match="no conversation"):
        event_of({"what": "asked"}, HINT, 1, "u")


def test_what_the_relay_sees_of_its_sessions_is_its_too(toy: Agent) -> None:
    """The relay's own payloads are no agent's to read."""
    slept = {"hook_event_name": "Suspended", "session_id": "c-1", "slept_ms": 5000}
    event = event_of(slept, {"agent": "toy", "source": "relay"}, 1, "u")
    assert (event.agent, event.provider, event.kind, event.slept_ns, event.is_beside) == ("toy", "acme", EventKind.SUSPENDED, 5 * 10**9, True)


def test_the_capture_policy_and_the_redactor_hold_for_it_as_for_everyone(toy: Agent) -> None:
    """The adapter asks the policy for texts; what it forgot to ask about is scrubbed behind it."""
    full = capture_rules(CaptureSettings(level="full"))
    secret = "ghp_" + "a1B2" * 9
    began = {**PAYLOADS[1], "command": f"curl -H 'Authorization: token {secret}'", "turn": secret}
    for capture, is_kept in ((METADATA_ONLY, False), (full, True)):
        event = event_of(began, HINT, 1, "u", capture=capture)
        assert event.tool is not None
        assert bool(event.tool.input_text) is is_kept
        assert secret not in repr(event)


def test_its_spans_carry_its_service_and_its_provider(toy: Agent) -> None:
    """Nothing between adapter and exporter knows its name."""
    steps = replay(event_of(payload, HINT, at, f"u{at}") for at, payload in enumerate(PAYLOADS, 1))
    spans = {span.name: span for span in spans_of(steps)}
    assert set(spans) == {"invoke_agent toy", "execute_tool shell"}
    assert {span.service for span in spans.values()} == {log.service for log in logs_of(steps)} == {"toy"}
    assert {span.attributes[semconv.PROVIDER_NAME] for span in spans.values()} == {"acme"}
    assert spans["execute_tool shell"].attributes[semconv.OUTCOME] == SpanOutcome.FAILURE
    resource_of = resources_of("ann")
    assert resource_of("toy").attributes[semconv.SERVICE_NAME] == "toy"
    assert resource_of("toy") is resource_of("toy") != resource_of("another")


@pytest.mark.long
def test_from_its_hook_to_rows_of_its_service(toy: Agent, person: Person, tmp_path: Path) -> None:
    """The real script, the relay, a collector; another agent's event on the same way stays that one's."""
    collector = start_collector(person)
    try:
        settings = settings_for(tmp_path / "relay", f"http://{collector.found.otlp_grpc}")
        prepare(settings)
        put_scripts(settings, ())
        for payload in PAYLOADS:
            fire(settings.data_dir / HOOK.name, payload, "agent=toy")
        fire(settings.data_dir / HOOK.name, {"hook_event_name": "SessionStart", "session_id": "s-1"})
        with RelayThread(settings):
            wait_for(lambda: len(services(collector.query, "otel_traces")) == 2 and len(services(collector.query, "otel_logs")) == 6, 60)
        assert services(collector.query, "otel_traces") == [("toy", "execute_tool shell"), ("toy", "invoke_agent toy")]
        assert [service for service, _ in services(collector.query, "otel_logs")].count("toy") == len(PAYLOADS)
        (session,) = [one for one in collector.client.get("/api/v1/live")["sessions"] if one["session_id"] == "c-1"]
        assert session["agent"] == "toy"
    finally:
        collector.kill()


def test_the_documentation_shows_this_agent() -> None:
    """Every line of its two files."""
    told = (DOCS / "adding-an-agent.md").read_text()
    for path in sorted(FOLDER.glob("*.py")):
        assert f"```python\n{path.read_text().replace('support.toy_agent', 'hookline.agents.toy')}```" in told, path.name


def fire(script: Path, payload: dict[str, Any], *words: str) -> None:
    """Run the hook as the agent's settings do."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(script.parent)}
    subprocess.run([script, *words], input=json.dumps(payload).encode(), env=environment, timeout=20, check=True)


def services(query: object, table: str) -> list[tuple[str, str]]:
    """Return service and name of the rows of a table."""
    name = "SpanName" if table == "otel_traces" else "EventName"
    rows = query(f"SELECT ServiceName, {name} AS name FROM {table} WHERE ScopeName = 'hookline.agent' ORDER BY ALL")  # type: ignore[operator]
    return [(row["ServiceName"], row["name"]) for row in rows]
