"""Captures of real clients of agents other than the first: their hooks, through adapter and fold, and their session files, through history.

`tests/fixtures/<agent>-<version>/<scenario>/` holds `hooks.jsonl`, one firing a line with the time of its event, and `files/`, the client's own.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hookline.agent_event import Place
from hookline.agents import AGENTS, AgentEvent
from hookline.agents.equipment import Conversation, DeliveredPrompt, HistoryReader, Mark, ReaderEnvironment
from hookline.fold import order
from hookline.privacy.capture import METADATA_ONLY, Policy
from hookline.records import FoldStep, SpanRecord
from support.replay import SHOP, adapt, final_spans, replay, spans_of, tell

FIXTURES = Path(__file__).parents[1] / "fixtures"
FOLDERS = {"gemini-cli": FIXTURES / "gemini-cli-0.61.0", "qwen-code": FIXTURES / "qwen-code-0.24.4"}
LONG_NS = 3600 * 10**9
PID = "4242"


def hook_payloads(agent: str, scenario: str) -> list[tuple[int, dict[str, Any]]]:
    """Return the payloads of a capture with their times."""
    lines = (FOLDERS[agent] / scenario / "hooks.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    return [(one["time_unix_nano"], one["payload"]) for one in found]


def hook_events(agent: str, scenario: str, capture: Callable[[Place], Policy] = METADATA_ONLY) -> list[AgentEvent]:
    """Return the events of a capture in the order of their times; session files are looked at where the capture has them."""
    return [event_of_hook(agent, time_ns, n, payload, scenario, capture) for n, (time_ns, payload) in enumerate(hook_payloads(agent, scenario))]


def event_of_hook(
    agent: str, time_ns: int, n: int, payload: Mapping[str, Any], scenario: str = "", capture: Callable[[Place], Policy] = METADATA_ONLY
) -> AgentEvent:
    """Return one event as spool and registry make it."""
    env = {"agent": agent, "ppid": PID, "host": "laptop"}
    event = adapt(json.dumps(payload).encode(), env, time_ns, f"u{n:03}", lambda cwd: SHOP, capture)
    here = replace(event, transcript_path=str(moved(agent, scenario, event.transcript_path))) if scenario else event
    return replace(AGENTS[agent].completed(here), transcript_path=event.transcript_path)


def moved(agent: str, scenario: str, path: str) -> Path:
    """Return where a client's file lies among the fixtures."""
    below = path.partition("/.gemini/tmp/")[2] or path.partition("/.qwen/projects/")[2]
    return FOLDERS[agent] / scenario / "files" / below


def told(steps: Iterable[FoldStep], start_ns: int) -> list[str]:
    """Return one line a span: its name, from and to in ms after a time, its ending, its parent; in the order of their beginnings."""
    spans = sorted(final_spans(spans_of(steps)).values(), key=lambda span: (span.start_ns, -span.end_ns, span.name))
    return tell(spans, start_ns)


def told_of_hooks(agent: str, scenario: str, more: Iterable[AgentEvent] = ()) -> list[str]:
    """Return the spans of a capture's hooks, and of other events, after its first one."""
    events = hook_events(agent, scenario)
    return told(replay(order(sorted([*events, *more], key=lambda event: event.time_ns))), events[0].time_ns)


def conversation_of(agent: str, scenario: str) -> Conversation:
    """Return the conversation of a capture that has one."""
    transcripts = AGENTS[agent].transcripts()
    assert transcripts is not None
    found = list(transcripts.conversations(FOLDERS[agent] / scenario / "files"))
    return max(found, key=lambda conversation: conversation.size)


def history_of(
    agent: str,
    conversation: Conversation,
    marks: Mapping[Path, Mark] | None = None,
    delivered: Iterable[DeliveredPrompt] = (),
    is_delivered: Callable[[str, str], bool] = lambda session, prompt: False,
) -> HistoryReader:
    """Return the reader of a conversation's history."""
    transcripts = AGENTS[agent].transcripts()
    assert transcripts is not None
    around = ReaderEnvironment(lambda cwd: SHOP, METADATA_ONLY, is_delivered, prompts_of=lambda session: tuple(delivered))
    return transcripts.history(conversation, marks or {}, around)


def read_whole(reader: HistoryReader, quiet: bool = True) -> list[FoldStep]:
    """Return the steps of a conversation that has been quiet for long, or not."""
    return list(reader.steps(2 * 10**18, LONG_NS if quiet else 2 * 10**18))


def span_attributes(spans: Iterable[SpanRecord], name: str) -> list[Mapping[str, Any]]:
    """Return the attributes of the spans of a name."""
    return [span.attributes for span in spans if span.name == name]
