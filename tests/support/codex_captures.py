"""Captures of the real Codex CLI, through adapter and fold: hooks alone, and with what its rollouts say beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from hookline.agent_event import TRANSCRIPT, Place
from hookline.agents import AgentEvent, event_of
from hookline.agents.codex import Codex
from hookline.agents.codex.rollout_files import header_at
from hookline.agents.codex.rollout_signs import RolloutSigns
from hookline.agents.equipment import TranscriptSign
from hookline.fold import order
from hookline.privacy.capture import METADATA_ONLY, Policy
from hookline.relay.intake.transcript_tail import keys_of
from hookline.system.json_lines import parse_line, read_lines
from support.replay import SHOP, replay, spans_of, tell

FOLDER = Path(__file__).parents[1] / "fixtures" / "codex-0.169.0"
Capture = Callable[[Place], Policy]


def hooks_of(scenario: str, capture: Capture = METADATA_ONLY) -> list[AgentEvent]:
    """Return the events of the hooks alone, each completed from the rollout as the relay does it."""
    agent, events = Codex(), []
    for number, line in enumerate((FOLDER / scenario / "hooks.jsonl").read_text().splitlines()):
        kept = json.loads(line)
        payload = kept["payload"]
        if path := payload.get("transcript_path"):
            payload["transcript_path"] = str(FOLDER / scenario / Path(path).name)
        env = {"agent": "codex", "ppid": "4242"}
        events.append(agent.completed(event_of(payload, env, kept["time_ns"], f"{scenario}-{number:03}", lambda folder: SHOP, capture)))
    return events


def rollouts_of(scenario: str) -> list[Path]:
    """Return a scenario's rollouts, the session's own first."""
    return sorted((FOLDER / scenario).glob("rollout-*.jsonl"))


def signs_of(scenario: str) -> Iterator[TranscriptSign]:
    """Yield what the rollouts show."""
    for path in rollouts_of(scenario):
        header = header_at(path)
        assert header is not None
        reader = RolloutSigns(header.session_id, str(path), header.agent_id)
        for line in read_lines(path, 0):
            yield from reader.read(parse_line(line.text))


def events_of(scenario: str) -> list[AgentEvent]:
    """Return the hooks' events with what the rollouts show and no hook told, as the relay would have them."""
    hooks = hooks_of(scenario)
    told = {key for event in hooks for key in keys_of(event)}
    env = {"agent": "codex", "source": TRANSCRIPT}
    news = [sign for sign in signs_of(scenario) if sign.unless not in told]
    return order([*hooks, *(event_of(sign.payload, env, sign.time_ns, sign.name, lambda folder: SHOP) for sign in news)])


def told(scenario: str, events: list[AgentEvent] | None = None) -> list[str]:
    """Return the spans as text; times are milliseconds after the first hook."""
    begun_ns = min(event.time_ns for event in hooks_of(scenario))
    return tell(spans_of(replay(events_of(scenario) if events is None else events)), begun_ns)
