"""What a session is at a moment, computed from its facts alone: `view(facts, now_ns, idle_after_ns)`.

    working   a turn is under way and nobody is asked; or, between turns, something goes on in the background
    waiting   for a permission, for an answer (also of a subagent), or (between turns) for the next prompt
    idle      waiting for the next prompt, or silent in a turn without a running tool, for longer than the limit; a session at which nobody sits
              never waits for a prompt: after its turn it is idle
    ended     an end is known and nothing was done later than END_SLACK_NS before it; a late event reopens

`since_ns` is the moment of the change into the state, never later than now: a machine's clock may run ahead. `asleep_ns` is how much of the time
since then the machine slept: nobody's time. `evidence` says how it is known that the state began. Rules for what no event tells:
- A turn is over as `turns` says, a wait as `waits` says, what goes on in the background as `background_work` says.
- A call is running when its turn is under way, no end of its own is known and its agent ended no batch after it began. A call of which native
  telemetry alone tells runs for at most NATIVE_CALL_NS, the client's own longest time-out of a command.
- Nothing goes on that began before the session's process ended or another one took the session up.
- From native telemetry alone no turn end is sent: QUIET_NS without any signal and without a running tool ends the turn.
- A session whose process does not live (`alive` is False) is over, and so is one that is known from history alone, unless its process lives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from hookline.contract.events import END_ORDER, END_SLACK_NS, EndReason
from hookline.contract.evidence import EvidenceRank, EvidenceSource
from hookline.contract.scopes import Source
from hookline_collector.sessions.asleep import after_ns, asleep_ns, awake_ns
from hookline_collector.sessions.background_work import BackgroundTask, is_subagent_over, open_subagents, tasks
from hookline_collector.sessions.evidence import NO_END, KnownEnd
from hookline_collector.sessions.facts import Facts
from hookline_collector.sessions.requests_made import Tokens
from hookline_collector.sessions.spans import Span
from hookline_collector.sessions.turns import current_turn, end_of_turn
from hookline_collector.sessions.waits import Asked, waits_of

RECENT_NS = 900_000_000_000  # what `recent_cost_usd` is of
QUIET_NS = 60_000_000_000
NATIVE_CALL_NS = 600_000_000_000
HISTORY_END = "history"  # known from transcripts alone: nobody said that it ended, nobody saw it live
SOURCES = ((Source.HOOK, "hook"), (Source.NATIVE, "native"), (Source.HISTORY, "transcript"))  # the best first, in the words of the SQL views
MAX_SHOWN = 50  # calls, subagents and background tasks that a view names


class SessionState(StrEnum):
    """The four states of a session."""

    WORKING = "working"
    WAITING = "waiting"
    IDLE = "idle"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class RunningCall:
    """A tool call under way: what its tool does, on which kind of file, and how much of the time since its beginning the machine slept."""

    call_id: str
    tool: str
    started_ns: int
    agent_id: str = ""
    asleep_ns: int = 0
    tool_kind: str = ""
    file_extension: str = ""


@dataclass(frozen=True, slots=True)
class RunningSubagent:
    """A subagent at work, and how much of the time since its beginning the machine slept."""

    agent_id: str
    agent_name: str
    started_ns: int
    asleep_ns: int = 0


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session at a moment: what it does, who waits for whom, and what it took so far.

    This is the model that the API tells (`hookline.contract.told_records`) and the commands show: a new field is one here, its row in
    `hookline.contract.fields`, and its value in `view`. Times are Unix nanoseconds, 0 where unknown; cost is None where unknown.
    """

    ALSO_TOLD: ClassVar = ("current_tool", "in_background", "total_tokens")
    UNTOLD: ClassVar = ("pid", "process_created")

    session_id: str
    state: SessionState
    waiting_for: str
    since_ns: int
    asleep_ns: int
    state_evidence: str
    waiting_on: Asked | None
    background_tasks: tuple[BackgroundTask, ...]
    turn_outcome: str
    turn_error_type: str
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
    interactive: bool | None
    entrypoint: str
    start_source: str
    previous_id: str
    sources: tuple[str, ...]
    prompt_id: str
    prompts: int
    tool_calls: int
    failures: int
    running_calls: tuple[RunningCall, ...]
    subagents: tuple[RunningSubagent, ...]
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_creation_tokens: int
    cost_usd: float | None
    recent_cost_usd: float | None

    @property
    def current_tool(self) -> str:
        """Name of the tool that runs longest; empty when none does."""
        return min(self.running_calls, key=lambda call: call.started_ns).tool if self.running_calls else ""

    @property
    def in_background(self) -> bool:
        """Whether it works although its turn is over."""
        return self.state is SessionState.WORKING and bool(self.turn_outcome)

    @property
    def total_tokens(self) -> int:
        """All tokens, from the cache or not."""
        return self.input_tokens + self.output_tokens + self.cache_read_tokens + self.cache_creation_tokens


@dataclass(frozen=True, slots=True)
class _Now:
    """The state and all that hangs on it."""

    state: SessionState
    since_ns: int
    evidence: EvidenceRank
    waiting_for: str = ""
    asked: Asked | None = None


def view(facts: Facts, now_ns: int, idle_after_ns: int, alive: bool | None = None) -> SessionView:
    """Return what the session is at `now_ns`; `alive` says whether its process lives, None where nobody can know."""
    end_reason, ended_ns, end_evidence = _end(facts, alive)
    turn_id, turn = current_turn(facts)
    told_over = end_of_turn(facts, turn)
    running = () if end_reason else _by_start(_running_calls(facts, turn, bool(told_over.time_ns), now_ns))
    over = told_over if told_over.time_ns else _quiet_end(facts, now_ns, running)
    background = () if end_reason else tasks(facts, turn.started_ns, bool(over.time_ns))
    now = _Now(SessionState.ENDED, ended_ns, end_evidence) if end_reason else _now(facts, now_ns, idle_after_ns, turn, over, running, background)
    tokens = _tokens(facts)
    place = {name: value for name, (_, value) in facts.place.items()}
    since_ns = min(now.since_ns, now_ns)
    return SessionView(
        session_id=facts.session_id,
        state=now.state,
        waiting_for=now.waiting_for,
        since_ns=since_ns,
        asleep_ns=0 if end_reason else asleep_ns(facts.suspends, since_ns, now_ns),
        state_evidence=now.evidence.word,
        waiting_on=now.asked,
        background_tasks=tuple(replace(task, asleep_ns=asleep_ns(facts.suspends, task.started_ns, now_ns)) for task in background[:MAX_SHOWN]),
        turn_outcome=(over.outcome or "unknown") if over.time_ns and turn.started_ns else "",
        turn_error_type=(over.error or "unknown") if over.outcome == "failure" else "",
        started_ns=facts.first_ns,
        last_ns=facts.last_ns,
        ended_ns=ended_ns,
        end_reason=end_reason,
        agent=place.get("agent", ""),
        project=facts.where[1],
        branch=facts.where[2],
        user=place.get("user", ""),
        host=place.get("host", ""),
        model=facts.model[1],
        pid=facts.pid[1],
        process_created=facts.pid[2],
        interactive=facts.interactive[1] == "true" if facts.interactive[1] else None,
        entrypoint=place.get("entrypoint", ""),
        start_source=facts.start_source[1],
        previous_id=facts.previous_id[1],
        sources=tuple(word for source, word in SOURCES if source.value in facts.sources),
        prompt_id=turn_id,
        prompts=len(facts.prompt_ids - facts.notice_ids) + len(facts.absorbed_ids),
        tool_calls=len(facts.call_ids),
        failures=len(facts.failed_ids),
        running_calls=() if now.state is SessionState.IDLE else running[:MAX_SHOWN],
        subagents=() if end_reason else _subagents(facts, now_ns)[:MAX_SHOWN],
        input_tokens=tokens.input if tokens else 0,
        output_tokens=tokens.output if tokens else 0,
        cache_read_tokens=tokens.cache_read if tokens else 0,
        cache_creation_tokens=tokens.cache_creation if tokens else 0,
        cost_usd=_cost(facts, tokens),
        recent_cost_usd=_recent_cost(facts, tokens, now_ns),
    )


def _by_start(running: Iterable[RunningCall]) -> tuple[RunningCall, ...]:
    return tuple(sorted(running, key=lambda call: (call.started_ns, call.call_id)))


def _tokens(facts: Facts) -> Tokens | None:
    """Return the tokens of whoever knows of more requests; of two that know of as many the agent itself."""
    told = [facts.tokens[source] for source in ("native", "transcript") if source in facts.tokens]
    return max(told, key=lambda tokens: len(tokens.requests), default=None)


def _cost(facts: Facts, tokens: Tokens | None) -> float | None:
    """Return what the agent said of each request, else what it said of the session, else what the requests cost by the list of prices."""
    native = facts.tokens.get("native")
    if native and native.told_micros:
        return native.cost_usd
    if facts.reported_cost[0]:
        return facts.reported_cost[1]
    return tokens.cost_usd if tokens else None


def _recent_cost(facts: Facts, tokens: Tokens | None, now_ns: int) -> float | None:
    native = facts.tokens.get("native")
    counted = native if native and native.told_micros else tokens
    return counted.spent_usd(now_ns - RECENT_NS) if counted and counted.costed else None


def _end(facts: Facts, alive: bool | None) -> tuple[str, int, EvidenceRank]:
    """Return why and when a session ended, and how that is known; no reason while it goes on."""
    known = [(reason, *facts.ends[reason]) for reason in END_ORDER if reason in facts.ends]
    known += [(reason, *end) for reason, end in sorted(facts.ends.items()) if reason not in END_ORDER]
    for reason, at_ns, evidence in known:
        if at_ns >= facts.active_ns - END_SLACK_NS:
            return reason, at_ns, evidence
    if alive is False:
        return EndReason.PROCESS_GONE.value, facts.last_ns, EvidenceRank.DERIVED
    if alive is None and facts.sources <= {Source.HISTORY.value}:
        return HISTORY_END, facts.last_ns, EvidenceRank.INFERRED
    return "", 0, EvidenceRank.UNKNOWN


def _quiet_end(facts: Facts, now_ns: int, running: tuple[RunningCall, ...]) -> KnownEnd:
    """Return the end of a turn of which only native telemetry tells, and nothing for a while; NO_END while it goes on."""
    is_native_only = facts.sources <= {Source.NATIVE.value}
    if is_native_only and not running and awake_ns(facts.suspends, facts.last_ns, now_ns) > QUIET_NS:
        return KnownEnd(EvidenceRank.INFERRED, EvidenceSource.RULE, max(facts.fresh_ns, facts.active_ns))
    return NO_END


def _now(
    facts: Facts,
    now_ns: int,
    idle_after_ns: int,
    turn: Span,
    over: KnownEnd,
    running: tuple[RunningCall, ...],
    background: tuple[BackgroundTask, ...],
) -> _Now:
    waits = waits_of(facts, turn, over.time_ns)
    if asked := next((wait for wait in waits if not wait.ended_ns), None):
        return _Now(SessionState.WAITING, asked.started_ns, EvidenceRank.OBSERVED, asked.waiting_for, asked)
    if over.time_ns and not background:
        return _between_turns(facts, now_ns, idle_after_ns, over)
    if over.time_ns:
        return _Now(SessionState.WORKING, max(over.time_ns, *(wait.ended_ns for wait in waits), 0), EvidenceRank.OBSERVED)
    if not running and not background and awake_ns(facts.suspends, facts.last_ns, now_ns) > idle_after_ns:
        return _Now(SessionState.IDLE, after_ns(facts.suspends, facts.last_ns, idle_after_ns), EvidenceRank.INFERRED)
    return _Now(SessionState.WORKING, max([turn.started_ns, *(wait.ended_ns for wait in waits)]), EvidenceRank.OBSERVED)


def _between_turns(facts: Facts, now_ns: int, idle_after_ns: int, over: KnownEnd) -> _Now:
    if facts.interactive[1] == "false":
        return _Now(SessionState.IDLE, over.time_ns, over.evidence)
    if awake_ns(facts.suspends, over.time_ns, now_ns) > idle_after_ns:
        return _Now(SessionState.IDLE, after_ns(facts.suspends, over.time_ns, idle_after_ns), EvidenceRank.INFERRED, "prompt")
    return _Now(SessionState.WAITING, over.time_ns, over.evidence, "prompt")


def _running_calls(facts: Facts, turn: Span, is_over: bool, now_ns: int) -> Iterator[RunningCall]:
    if not turn.started_ns:
        return
    is_native_only = facts.sources <= {Source.NATIVE.value}
    for key, call in facts.calls.items():
        if not call.started_ns or not call.is_open or call.started_ns < facts.fresh_ns or facts.is_batch_over(call.agent_id, call.started_ns):
            continue
        if is_native_only and awake_ns(facts.suspends, call.started_ns, now_ns) > NATIVE_CALL_NS:
            continue
        if call.agent_id:
            is_running = not is_subagent_over(facts, call.agent_id, max(call.started_ns, call.again_ns))
        else:
            is_running = call.started_ns >= turn.started_ns and not is_over
        if is_running:
            slept_ns = asleep_ns(facts.suspends, call.started_ns, now_ns)
            yield RunningCall(key, call.label, call.started_ns, call.agent_id, slept_ns, call.kind, call.about)


def _subagents(facts: Facts, now_ns: int) -> tuple[RunningSubagent, ...]:
    found = (
        RunningSubagent(key, span.label, span.started_ns, asleep_ns(facts.suspends, span.started_ns, now_ns)) for key, span in open_subagents(facts)
    )
    return tuple(sorted(found, key=lambda agent: (agent.started_ns, agent.agent_id)))
