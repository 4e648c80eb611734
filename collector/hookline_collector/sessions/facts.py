"""What is known of one session, as facts whose order of arrival does not matter.

A session is not a chain of transitions: signals come late, twice, from two sources and over several connections. So a
`Facts` keeps, by id, the earliest beginning and the best told end (`evidence.End`) of each turn, call, wait, subagent and what goes on in the
background, and sets of what was counted; `add` only ever takes minima, maxima and unions. Two `Facts` that saw the same observations in any order,
any number of times, are equal. What the session *is* at a moment is computed from them by `state.view`.

Three times say when: `last_ns` anything was heard, `active_ns` something was done (only that reopens an ended session), `fresh_ns` a process
began or ended it (nothing that began before goes on after).

Bounded: finished calls keep one number each (`mark`), open ones a small record; both are capped by MAX_OPEN and MAX_IDS, and texts by MAX_TEXT.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from hookline.contract import claude_native, semconv
from hookline.contract.evidence import EvidenceRank, EvidenceSource, SignalSource
from hookline.contract.scopes import Source
from hookline_collector.sessions.evidence import NO_END, KnownEnd, end_of, evidence_of
from hookline_collector.sessions.requests_made import Tokens
from hookline_collector.sessions.spans import MAX_OPEN, KnownWait, Span, make_room, span_of, text
from hookline_collector.signals.observations import Observation, ObservationKind, texts, whole
from hookline_collector.signals.token_counts import tokens_of

MAX_IDS = 50_000
_PLACE = {"user": semconv.USER_NAME, "host": semconv.HOST_NAME, "agent": semconv.SERVICE_NAME, "entrypoint": semconv.ENTRYPOINT}
_MODEL_KEYS = (semconv.RESPONSE_MODEL, semconv.REQUEST_MODEL, "model")
_MAIN_THREAD = ("repl_main_thread", "sdk")  # requests that go on with a conversation; titles, summaries and the like do not
ASKS_PERSON = frozenset({"AskUserQuestion", "ExitPlanMode"})  # tools whose run is nothing but a person's answer
START_SLACK_NS = 1_000_000_000  # a session's start may be stamped a little after its first prompt
_PROCESS_ENDS = frozenset({"session_end", "process_gone"})
_NO_WORK = frozenset(
    {
        ObservationKind.ENDED,
        ObservationKind.NOTE,
        ObservationKind.IDLE_NOTICE,
        ObservationKind.WAIT_NOTICE,
        ObservationKind.ANSWER_NOTICE,
        ObservationKind.LIMITS,
        ObservationKind.SUSPENDED,
    }
)
_WORK = frozenset(
    {
        ObservationKind.TOOL_STARTED,
        ObservationKind.TOOL_RUNNING,
        ObservationKind.TOOL_ENDED,
        ObservationKind.BATCH_ENDED,
        ObservationKind.WAIT_STARTED,
        ObservationKind.USAGE,
    }
)


@dataclass(slots=True)
class Facts:
    """Everything known of one session.

    `notices` are the latest of each thing that a person was asked for, `listed` what the newest turn's end said goes on, `asked_ns` by agent the
    beginning of its latest request to the model, `suspends` by the moment of waking how long the machine slept.
    """

    session_id: str
    first_ns: int = 0
    last_ns: int = 0
    active_ns: int = 0
    fresh_ns: int = 0
    sources: set[str] = field(default_factory=set)
    place: dict[str, tuple[int, str]] = field(default_factory=dict)
    where: tuple[int, str, str] = (0, "", "")
    model: tuple[int, str] = (0, "")
    pid: tuple[int, str, str] = (0, "", "")
    interactive: tuple[int, str] = (0, "")
    previous_id: tuple[int, str] = (0, "")
    start_source: tuple[int, str] = (0, "")
    turns: dict[str, Span] = field(default_factory=dict)
    calls: dict[str, Span] = field(default_factory=dict)
    waits: dict[str, KnownWait] = field(default_factory=dict)
    answers: dict[str, KnownEnd] = field(default_factory=dict)
    subagents: dict[str, Span] = field(default_factory=dict)
    background: dict[str, Span] = field(default_factory=dict)
    listed: tuple[int, tuple[str, ...]] = (0, ())
    interactions: dict[str, Span] = field(default_factory=dict)
    interrupted_ns: int = 0
    prompt_ids: set[int] = field(default_factory=set)
    notice_ids: set[int] = field(default_factory=set)
    absorbed_ids: set[int] = field(default_factory=set)
    call_ids: set[int] = field(default_factory=set)
    failed_ids: set[int] = field(default_factory=set)
    batches: dict[str, int] = field(default_factory=dict)
    asked_ns: dict[str, int] = field(default_factory=dict)
    idle_notice_ns: int = 0
    notices: dict[str, int] = field(default_factory=dict)
    answer_notice_ns: int = 0
    suspends: dict[int, int] = field(default_factory=dict)
    ends: dict[str, tuple[int, EvidenceRank]] = field(default_factory=dict)
    tokens: dict[str, Tokens] = field(default_factory=dict)
    reported_cost: tuple[int, float] = (0, 0.0)

    def is_batch_over(self, agent_id: str, started_ns: int) -> bool:
        """Whether the agent of a call or wait ended a batch after it began."""
        return self.batches.get(agent_id, 0) > started_ns

    def add(self, s: Observation) -> None:
        """Take one observation in. The result does not depend on order or repetition."""
        _ADD[s.seen](self, s)
        if s.source is not Source.COLLECTOR and s.attributes.get(semconv.SIGNAL_SOURCE) != SignalSource.COLLECTOR:
            self._mark_alive(s)

    def _mark_alive(self, s: Observation) -> None:
        if s.seen is not ObservationKind.ENDED or s.reason == "session_end":
            self.first_ns = min(self.first_ns or s.time_ns, s.time_ns)
            self.last_ns = max(self.last_ns, s.time_ns)
        if s.seen not in _NO_WORK and evidence_of(s) >= (EvidenceRank.OBSERVED if s.began_ns else EvidenceRank.DERIVED):
            self.active_ns = max(self.active_ns, s.time_ns)
            if s.seen in _WORK and s.prompt_id and not _agent(s):
                turn = span_of(self.turns, s.prompt_id)
                turn.seen_ns = max(turn.seen_ns, s.time_ns)
        self.sources.add(s.source.value)
        self._note_place(s)
        for key in _MODEL_KEYS:
            if (value := s.attributes.get(key)) and not _is_subagents(s):
                self.model = max(self.model, (s.time_ns, text(value)))
                break
        if pid := s.attributes.get(semconv.PROCESS_PID):
            self.pid = max(self.pid, (s.time_ns, text(pid), text(s.attributes.get(semconv.PROCESS_CREATION_TIME))))
        if previous := s.attributes.get(semconv.SESSION_PREVIOUS_ID):
            self.previous_id = max(self.previous_id, (s.time_ns, text(previous)))

    def _note_place(self, s: Observation) -> None:
        """Project and branch are one value, that of the newest record with a folder; a span has the folder of its beginning."""
        a = s.attributes
        for name, key in _PLACE.items():
            if value := a.get(key):
                self.place[name] = max(self.place.get(name, (0, "")), (s.time_ns, text(value)))
        if (project := a.get(semconv.PROJECT_NAME)) and not s.began_ns:
            self.where = max(self.where, (s.time_ns, text(project), text(a.get(semconv.VCS_HEAD_NAME))))
        if (interactive := a.get(semconv.INTERACTIVE)) is not None:
            self.interactive = max(self.interactive, (s.time_ns, str(interactive).lower()))


def _is_subagents(s: Observation) -> bool:
    a = s.attributes
    is_sidechain = str(a.get(semconv.USAGE_SIDECHAIN, "")).lower() == "true"
    return bool(_agent(s)) or is_sidechain or str(a.get("query_source", "")).startswith("agent")


def _agent(s: Observation) -> str:
    return str(s.attributes.get(semconv.AGENT_ID) or s.attributes.get("agent_id") or "")


def _tool(s: Observation) -> str:
    return text(s.attributes.get(semconv.TOOL_NAME) or s.attributes.get("tool_name"))


def mark(text: str) -> int:
    """Return a number that stands for an id in a set (a CRC and a byte of another sum: 40 bits, enough to tell a session's calls apart)."""
    data = text.encode()
    return zlib.crc32(data) << 8 | zlib.adler32(data) & 0xFF


def _count(ids: set[int], key: str) -> None:
    if len(ids) < MAX_IDS:
        ids.add(mark(key))


def _started(facts: Facts, s: Observation) -> None:
    if s.reason != "compact":
        facts.fresh_ns = max(facts.fresh_ns, s.time_ns - START_SLACK_NS)
    facts.start_source = max(facts.start_source, (s.time_ns, s.reason))


def _prompt(facts: Facts, s: Observation) -> None:
    """A prompt begins a turn. What the client tells itself (a background task ended) is not a person's prompt and not counted as one.

    A prompt that the turn under way took in has no id and no turn of its own: it is counted by its record.
    """
    key = s.key or s.prompt_id
    if s.attributes.get(semconv.PROMPT_SOURCE) == "absorbed":
        _count(facts.absorbed_ids, str(s.attributes.get(semconv.LOG_RECORD_UID) or s.time_ns))
        _goes_on(facts, s)
        return
    span_of(facts.turns, key).begin(s.time_ns)
    _count(facts.prompt_ids, key)
    if s.attributes.get(semconv.PROMPT_SOURCE) == "task_notification":
        _count(facts.notice_ids, key)


def _turn_ended(facts: Facts, s: Observation) -> None:
    span_of(facts.turns, s.key or s.prompt_id).finish(end_of(s))
    ids = texts(s.attributes.get(semconv.BACKGROUND_RUNNING))
    if ids is not None:
        facts.listed = max(facts.listed, (s.time_ns, tuple(sorted(map(text, ids[:MAX_OPEN])))))


def _interrupted(facts: Facts, s: Observation) -> None:
    """A person stopped the turn, whatever its id; in a subagent only that is stopped."""
    if agent_id := _agent(s):
        span_of(facts.subagents, agent_id).finish(end_of(s))
        return
    if key := s.key or s.prompt_id:
        span_of(facts.turns, key).finish(end_of(s))
    facts.interrupted_ns = max(facts.interrupted_ns, s.time_ns)


def _call(facts: Facts, s: Observation) -> Span:
    call = span_of(facts.calls, s.key)
    call.call_it(_tool(s))
    call.kind = max(call.kind, text(s.attributes.get(semconv.TOOL_KIND)))
    call.about = max(call.about, text(s.attributes.get(semconv.FILE_EXTENSION)))
    call.agent_id = max(call.agent_id, text(_agent(s)))
    _count(facts.call_ids, s.key)
    return call


def _tool_started(facts: Facts, s: Observation) -> None:
    """A call is asked for: its agent is at work, in the turn that the call names."""
    _call(facts, s).begin(s.time_ns)
    _goes_on(facts, s)


def _tool_running(facts: Facts, s: Observation) -> None:
    """The client lets a call run: whoever waited for that has an answer."""
    if s.key:
        call = _call(facts, s)
        call.begin(s.time_ns)
        call.goes_on(s.time_ns)
        _goes_on(facts, s)


def _goes_on(facts: Facts, s: Observation) -> None:
    if not _agent(s) and s.prompt_id:
        turn = span_of(facts.turns, s.prompt_id)
        turn.begin(s.time_ns)
        turn.goes_on(s.time_ns)


def _tool_ended(facts: Facts, s: Observation) -> None:
    if not s.key:
        return
    _call(facts, s).finish(end_of(s))
    if s.failed:
        _count(facts.failed_ids, s.key)


def _batch_ended(facts: Facts, s: Observation) -> None:
    _later(facts.batches, str(s.attributes.get(semconv.AGENT_ID, "")), s.time_ns)


def _later(times: dict[str, int], key: str, time_ns: int) -> None:
    if key in times or len(times) < MAX_OPEN:
        times[key] = max(times.get(key, 0), time_ns)


def _wait_of(facts: Facts, s: Observation, started_ns: int) -> KnownWait:
    """Return the wait that began at a moment: record and span tell of its beginning alike, whatever else each of them knows."""
    tool, agent_id = _tool(s), text(_agent(s))
    key = f"{started_ns} {agent_id} {tool}"
    wait = facts.waits.get(key)
    if wait is None:
        make_room(facts.waits)
        wait = facts.waits[key] = KnownWait(started_ns, tool=tool, agent_id=agent_id)
    wait.reason = max(wait.reason, text(s.attributes.get(semconv.WAIT_REASON)))
    wait.agent_name = max(wait.agent_name, text(s.attributes.get(semconv.AGENT_NAME)))
    if call_id := s.attributes.get(semconv.TOOL_CALL_ID):
        wait.call_ids.add(text(call_id))
    if wait_id := s.attributes.get(semconv.WAIT_ID):
        wait.ids.add(text(wait_id))
    return wait


def _wait_started(facts: Facts, s: Observation) -> None:
    wait = _wait_of(facts, s, s.time_ns)
    if not s.attributes.get(semconv.WAIT_REASON) and not s.began_ns:
        wait.reason = max(wait.reason, s.reason if wait.tool not in ASKS_PERSON else "answer")
    if s.key:
        wait.call_ids.add(text(s.key))
    _goes_on(facts, s)


def _wait_ended(facts: Facts, s: Observation) -> None:
    if s.began_ns:
        wait = _wait_of(facts, s, s.began_ns)
        wait.end = max(wait.end, end_of(s))


def _answered(facts: Facts, s: Observation) -> None:
    if s.key and (s.key in facts.answers or len(facts.answers) < MAX_OPEN):
        facts.answers[s.key] = max(facts.answers.get(s.key, NO_END), end_of(s))
    elif not s.key:
        _answer_notice(facts, s)


def _wait_notice(facts: Facts, s: Observation) -> None:
    _later(facts.notices, s.reason, s.time_ns)


def _answer_notice(facts: Facts, s: Observation) -> None:
    facts.answer_notice_ns = max(facts.answer_notice_ns, s.time_ns)


def _subagent_started(facts: Facts, s: Observation) -> None:
    agent = span_of(facts.subagents, s.key)
    agent.begin(s.time_ns)
    agent.goes_on(s.time_ns)
    agent.call_it(s.attributes.get(semconv.AGENT_NAME))


def _subagent_ended(facts: Facts, s: Observation) -> None:
    span_of(facts.subagents, s.key).finish(end_of(s))


def _background_started(facts: Facts, s: Observation) -> None:
    if s.key:
        task = _task(facts, s)
        task.begin(s.time_ns)
        task.goes_on(s.time_ns)


def _background_ended(facts: Facts, s: Observation) -> None:
    if s.key:
        _task(facts, s).finish(end_of(s))


def _task(facts: Facts, s: Observation) -> Span:
    task = span_of(facts.background, s.key)
    task.kind = max(task.kind, text(s.attributes.get(semconv.BACKGROUND_TYPE)))
    task.call_id = max(task.call_id, text(s.attributes.get(semconv.TOOL_CALL_ID)))
    task.call_it(_tool(s))
    return task


def _suspended(facts: Facts, s: Observation) -> None:
    slept_ns = whole(s.attributes, semconv.DURATION_MS) * 1_000_000
    if slept_ns > 0 and (s.time_ns in facts.suspends or len(facts.suspends) < MAX_OPEN):
        facts.suspends[s.time_ns] = max(facts.suspends.get(s.time_ns, 0), slept_ns)


def _interaction(facts: Facts, s: Observation) -> None:
    told = span_of(facts.interactions, s.key)
    told.begin(int(s.key))
    told.finish(KnownEnd(EvidenceRank.OBSERVED, EvidenceSource.NATIVE, s.time_ns))


def _idle_notice(facts: Facts, s: Observation) -> None:
    facts.idle_notice_ns = max(facts.idle_notice_ns, s.time_ns)


def _usage(facts: Facts, s: Observation) -> None:
    _asks_model(facts, s)
    tokens = facts.tokens.setdefault("native" if s.source is Source.NATIVE else "transcript", Tokens())
    key = mark(f"{s.key} {s.time_ns}" if s.key.startswith("event.sequence") or not s.key else s.key)
    if key in tokens.requests or len(tokens.requests) >= MAX_IDS:
        return
    tokens.requests.add(key)
    said = s.attributes
    tokens.add(tokens_of(said))
    is_told = said.get(claude_native.COST_USD) is not None
    if (cost := said.get(claude_native.COST_USD if is_told else semconv.COST_USD)) is not None:
        tokens.spend(s.time_ns, round(float(cost or 0.0) * 1e6), is_told=is_told)


def _asks_model(facts: Facts, s: Observation) -> None:
    """Note when an agent asked the model: all that its earlier calls waited for was answered then."""
    asks = str(s.attributes.get("query_source", ""))
    if asks.startswith(_MAIN_THREAD) or (asks.startswith("agent:") and _agent(s)):
        _later(facts.asked_ns, _agent(s), s.time_ns - whole(s.attributes, semconv.DURATION_MS) * 1_000_000)


def _limits(facts: Facts, s: Observation) -> None:
    if (cost := s.attributes.get(semconv.COST_USD)) is not None:
        facts.reported_cost = max(facts.reported_cost, (s.time_ns, float(cost)))


def _ended(facts: Facts, s: Observation) -> None:
    reason = s.reason or "session_end"
    evidence = evidence_of(s) if reason in _PROCESS_ENDS else EvidenceRank.INFERRED
    facts.ends[reason] = max(facts.ends.get(reason, (0, EvidenceRank.UNKNOWN)), (s.time_ns, evidence))
    if reason in _PROCESS_ENDS:
        facts.fresh_ns = max(facts.fresh_ns, s.time_ns)


def _note(facts: Facts, s: Observation) -> None:
    del facts, s


_ADD = {
    ObservationKind.STARTED: _started,
    ObservationKind.PROMPT: _prompt,
    ObservationKind.TURN_ENDED: _turn_ended,
    ObservationKind.INTERRUPTED: _interrupted,
    ObservationKind.TOOL_STARTED: _tool_started,
    ObservationKind.TOOL_RUNNING: _tool_running,
    ObservationKind.TOOL_ENDED: _tool_ended,
    ObservationKind.BATCH_ENDED: _batch_ended,
    ObservationKind.WAIT_STARTED: _wait_started,
    ObservationKind.WAIT_ENDED: _wait_ended,
    ObservationKind.ANSWERED: _answered,
    ObservationKind.WAIT_NOTICE: _wait_notice,
    ObservationKind.ANSWER_NOTICE: _answer_notice,
    ObservationKind.SUBAGENT_STARTED: _subagent_started,
    ObservationKind.SUBAGENT_ENDED: _subagent_ended,
    ObservationKind.BACKGROUND_STARTED: _background_started,
    ObservationKind.BACKGROUND_ENDED: _background_ended,
    ObservationKind.SUSPENDED: _suspended,
    ObservationKind.INTERACTION: _interaction,
    ObservationKind.IDLE_NOTICE: _idle_notice,
    ObservationKind.USAGE: _usage,
    ObservationKind.LIMITS: _limits,
    ObservationKind.ENDED: _ended,
    ObservationKind.NOTE: _note,
}
