"""What a session is at a moment, computed from its facts alone: `view(facts, now_ns, idle_after_ns)`.

    working   a turn is under way and nobody is asked
    waiting   for a permission, for an answer, or (between turns) for the next prompt
    idle      waiting for the next prompt, or silent in a turn without a running tool, for longer than the limit
    ended     an end is known and nothing was done later than END_SLACK_NS before it; a late event reopens

`since_ns` is the moment of the change into the state, never later than now: a machine's clock may run ahead. Rules for what no event tells:
- A turn is over when its end is known, a later turn began, or the client said that it is idle (an interrupt fires no hook).
- A call is running when its turn is under way, no end of its own is known and its agent ended no batch after it began. A call of which native
  telemetry alone tells runs for at most NATIVE_CALL_NS, the client's own longest time-out of a command.
- Nothing goes on that began before the session's process ended or another one took the session up.
- A wait is open until something is heard of its call, a batch ended, the turn is over, or the same agent did something else later.
- From native telemetry alone no turn end is sent: QUIET_NS without any signal and without a running tool ends the turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from hookline_collector.sessions.facts import Facts, Span

QUIET_NS = 60_000_000_000
NATIVE_CALL_NS = 600_000_000_000
END_SLACK_NS = 50_000_000
END_ORDER = ("session_end", "process_gone", "superseded", "timed_out")


class State(StrEnum):
    """The four states of a session."""

    WORKING = "working"
    WAITING = "waiting"
    IDLE = "idle"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Running:
    """A call or a subagent under way."""

    id: str
    label: str
    started_ns: int
    agent_id: str = ""


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session at a moment; times are Unix nanoseconds, 0 where unknown; tokens are per kind; cost in USD, None when unknown."""

    session_id: str
    state: State
    waiting_for: str
    since_ns: int
    started_ns: int
    last_ns: int
    ended_ns: int
    end_reason: str
    agent: str
    project: str
    branch: str
    user: str
    host: str
    model: str
    pid: str
    process_created: str
    start_source: str
    previous_id: str
    sources: tuple[str, ...]
    prompt_id: str
    prompts: int
    tool_calls: int
    failures: int
    running: tuple[Running, ...]
    subagents: tuple[Running, ...]
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_creation_tokens: int
    cost_usd: float | None

    @property
    def current_tool(self) -> str:
        """Name of the tool that runs longest; empty when none does."""
        return min(self.running, key=lambda call: call.started_ns).label if self.running else ""


def view(facts: Facts, now_ns: int, idle_after_ns: int) -> SessionView:
    """Return what the session is at `now_ns`."""
    running = _by_start(_running_calls(facts, now_ns))
    end_reason, ended_ns = _end(facts)
    state, waiting_for, since_ns = _state(facts, now_ns, idle_after_ns, running) if not end_reason else (State.ENDED, "", ended_ns)
    if state in (State.ENDED, State.IDLE):
        running = ()
    tokens = facts.tokens.get("native") or facts.tokens.get("transcript")
    place = {name: value for name, (_, value) in facts.place.items()}
    return SessionView(
        session_id=facts.session_id,
        state=state,
        waiting_for=waiting_for,
        since_ns=min(since_ns, now_ns),
        started_ns=facts.first_ns,
        last_ns=facts.last_ns,
        ended_ns=ended_ns,
        end_reason=end_reason,
        agent=place.get("agent", ""),
        project=place.get("project", ""),
        branch=place.get("branch", ""),
        user=place.get("user", ""),
        host=place.get("host", ""),
        model=facts.model[1],
        pid=facts.pid[1],
        process_created=facts.pid[2],
        start_source=facts.start_source[1],
        previous_id=facts.previous_id[1],
        sources=tuple(sorted(facts.sources)),
        prompt_id=_current_turn(facts)[0],
        prompts=len(facts.prompt_ids),
        tool_calls=len(facts.call_ids),
        failures=len(facts.failed_ids),
        running=running,
        subagents=_by_start(_open_subagents(facts)) if state is not State.ENDED else (),
        input_tokens=tokens.input if tokens else 0,
        output_tokens=tokens.output if tokens else 0,
        cache_read_tokens=tokens.cache_read if tokens else 0,
        cache_creation_tokens=tokens.cache_creation if tokens else 0,
        cost_usd=_cost(facts),
    )


def _by_start(running: Iterable[Running]) -> tuple[Running, ...]:
    return tuple(sorted(running, key=lambda r: (r.started_ns, r.id)))


def _cost(facts: Facts) -> float | None:
    native = facts.tokens.get("native")
    if native and native.cost_micros:
        return native.cost_micros / 1e6
    return facts.reported_cost[1] if facts.reported_cost[0] else None


def _end(facts: Facts) -> tuple[str, int]:
    known = [(facts.ends[reason], reason) for reason in END_ORDER if reason in facts.ends]
    known += [(at, reason) for reason, at in sorted(facts.ends.items()) if reason not in END_ORDER]
    for at, reason in known:
        if at >= facts.active_ns - END_SLACK_NS:
            return reason, at
    return "", 0


def _state(facts: Facts, now_ns: int, idle_after_ns: int, running: tuple[Running, ...]) -> tuple[State, str, int]:
    turn = _current_turn(facts)[1]
    is_silent = now_ns - facts.last_ns > idle_after_ns
    if turn is None or not _is_under_way(facts, turn, now_ns, running):
        over_ns = _turn_over_ns(facts, turn)
        return (State.IDLE, "prompt", over_ns + idle_after_ns) if now_ns - over_ns > idle_after_ns else (State.WAITING, "prompt", over_ns)
    if waits := list(_open_waits(facts, turn)):
        first = min(waits, key=lambda wait: wait.started_ns)
        return State.WAITING, first.reason or "permission", first.started_ns
    if is_silent and not running:
        return State.IDLE, "", facts.last_ns + idle_after_ns
    return State.WORKING, "", max([turn.started_ns, *(w.ended_ns for w in facts.waits.values() if w.ended_ns >= w.started_ns > 0)])


def _current_turn(facts: Facts) -> tuple[str, Span | None]:
    if not facts.turns:
        return "", None
    key = max(facts.turns, key=lambda k: (facts.turns[k].started_ns, k))
    return key, facts.turns[key]


def _is_under_way(facts: Facts, turn: Span, now_ns: int, running: tuple[Running, ...]) -> bool:
    if _is_told_over(facts, turn):
        return False
    is_native_only = facts.sources <= {"native"}
    return not (is_native_only and not running and now_ns - facts.last_ns > QUIET_NS)


def _is_told_over(facts: Facts, turn: Span) -> bool:
    return facts.turn_end_ns(turn) > 0 or max(facts.idle_notice_ns, facts.fresh_ns) > turn.started_ns


def _turn_over_ns(facts: Facts, turn: Span | None) -> int:
    if turn is None:
        return facts.last_ns
    return facts.turn_end_ns(turn) or max(facts.fresh_ns, facts.active_ns)


def _running_calls(facts: Facts, now_ns: int) -> Iterator[Running]:
    _, turn = _current_turn(facts)
    if turn is None:
        return
    is_over = _is_told_over(facts, turn)
    since_ns = now_ns - NATIVE_CALL_NS if facts.sources <= {"native"} else 0
    since_ns = max(since_ns, facts.fresh_ns)
    for key, call in facts.calls.items():
        is_of_turn = call.started_ns >= turn.started_ns or bool(call.agent_id)
        if (
            call.started_ns
            and call.is_open
            and is_of_turn
            and (call.agent_id or not is_over)
            and call.started_ns >= since_ns
            and not facts.is_batch_over(call)
        ):
            yield Running(key, call.label, call.started_ns, call.agent_id)


def _open_waits(facts: Facts, turn: Span) -> Iterator[Span]:
    for wait in facts.waits.values():
        if wait.started_ns >= turn.started_ns and wait.is_open and not facts.is_batch_over(wait):
            yield wait


def _open_subagents(facts: Facts) -> Iterator[Running]:
    for key, agent in facts.subagents.items():
        if agent.started_ns and agent.is_open and agent.started_ns >= facts.fresh_ns:
            yield Running(key, agent.label, agent.started_ns)
