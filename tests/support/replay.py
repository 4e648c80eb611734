"""Captures of the real client, through adapter and fold: events and steps for any test that needs them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hookline.agent_event import NOWHERE, Place
from hookline.agents import AgentEvent, event_of
from hookline.agents.claude_code.subagent_files import enrich
from hookline.contract.evidence import RANKS
from hookline.fold import FoldRules, FoldState, fold, order
from hookline.privacy.capture import METADATA_ONLY, Policy
from hookline.records import FoldStep, LogRecord, SpanRecord
from hookline.spool.event_file import parse_payload

FIXTURES = Path(__file__).parents[1] / "fixtures" / "claude-code-2.1.329"
SHOP = Place(
    project="shop",
    project_id="0f1e2d3c4b5a6978",
    root="/srv/shop",
    repository="shop",
    url="https://git.example.com/acme/shop",
    owner="acme",
    branch="main",
    revision="a" * 40,
)


def adapt(
    payload: bytes,
    env: Mapping[str, str],
    time_ns: int,
    uid: str,
    locate: Callable[[str], Place] = lambda folder: NOWHERE,
    capture: Callable[[Place], Policy] = METADATA_ONLY,
) -> AgentEvent:
    """Return the event of a spool file's bytes, as spool and registry make it."""
    return event_of(parse_payload(payload), env, time_ns, uid, locate, capture)


def read_capture(name: str, capture: Callable[[Place], Policy] = METADATA_ONLY) -> list[AgentEvent]:
    """Return the events of a capture as the adapter gives them, in the order of their times."""
    return list(_events(FIXTURES / name / "hooks", capture))


def replay_capture(name: str, capture: Callable[[Place], Policy] = METADATA_ONLY) -> list[FoldStep]:
    """Return what each event of a capture makes of the fold. Names: tools, subagent, denied, api_error, resume, background, parallel_agents."""
    return replay(order(read_capture(name, capture)))


def replay(events: Iterable[AgentEvent], rules: FoldRules | None = None) -> list[FoldStep]:
    """Fold events from nothing, in the order given."""
    state, steps = FoldState(), []
    for event in events:
        state, step = fold(state, event, rules or FoldRules())
        steps.append(step)
    return steps


def spans_of(steps: Iterable[FoldStep]) -> list[SpanRecord]:
    """Return all spans of steps in the order in which they were finished."""
    return [span for step in steps for span in step.spans]


def logs_of(steps: Iterable[FoldStep]) -> list[LogRecord]:
    """Return all log records of steps."""
    return [log for step in steps for log in step.logs]


def final_spans(spans: Iterable[SpanRecord]) -> dict[int, SpanRecord]:
    """Return of each span the copy that counts: the one with the better evidence, of equal evidence the later end."""
    final: dict[int, SpanRecord] = {}
    for span in spans:
        if span.span_id not in final or standing(span) > standing(final[span.span_id]):
            final[span.span_id] = span
    return final


def standing(span: SpanRecord) -> tuple[int, int]:
    """Return how well a copy's end is known, and the end."""
    return RANKS[str(span.attributes["hookline.evidence"])], span.end_ns


def _events(folder: Path, capture: Callable[[Place], Policy]) -> Iterator[AgentEvent]:
    for path in sorted(folder.glob("*.json")):
        envelope: dict[str, Any] = json.loads(path.read_text())
        payload = json.dumps(envelope["payload"], ensure_ascii=False).encode()
        env = {"agent": "claude-code", "claude_pid": str(envelope["claude_pid"]), "host": "laptop"}
        event = adapt(payload, env, envelope["captured_at_unix_nano"], path.stem, lambda cwd: SHOP, capture)
        yield enrich(event)


def tell(spans: Iterable[SpanRecord], start_ns: int) -> list[str]:
    """Return one line a span, in the order given: its name, from and to in ms after `start_ns`, its ending, its parent."""
    known = list(spans)
    names = {span.span_id: span.name for span in known}
    return [_line(span, names, start_ns) for span in known]


def _line(span: SpanRecord, names: dict[int, str], start_ns: int) -> str:
    begin, end = ((at - start_ns) // 1_000_000 for at in (span.start_ns, span.end_ns))
    ending = [
        str(span.attributes["hookline.outcome"]),
        span.error or "",
        f"by {closed}" if (closed := span.attributes.get("hookline.closed_by")) else "",
    ]
    parent = "root" if span.parent_id is None else f"in {names.get(span.parent_id, 'a span not seen')}"
    return f"{span.name} {begin}..{end} {' '.join(part for part in ending if part)} {parent}"
