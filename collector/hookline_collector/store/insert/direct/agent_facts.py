"""Which rows are an agent's, with what every derived table asks of them: `agent_spans_mv` and `agent_logs_mv` in Python."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hookline.contract import claude_native
from hookline.contract.evidence import DERIVED_CLOSINGS, RANKS, SOURCES
from hookline.contract.scopes import CLAUDE_NATIVE_SCOPE_PREFIX
from hookline.system.clock import NS_PER_DAY, NS_PER_S
from hookline_collector.store.insert.direct.attribute_texts import Odd, Texts
from hookline_collector.store.insert.direct.row_binary import Values

NEVER = 7_258_118_400 * NS_PER_S
"""2200: what did not begin."""
UNSET = 0
"""1970: what did not end."""
COLLECTOR, TRANSCRIPT, NATIVE, HOOK = 0, 1, 2, 3
_LONGEST_NS = 32 * NS_PER_DAY
_MANY_MS = 2_764_800_000.0
_PREFIX = re.compile(rf"\A(hookline\.|{re.escape(claude_native.PREFIX)})")
_USER = ("user.name", "user.email", "user.account_uuid", "user.id")
_EVIDENCE = {word: int(rank) for word, rank in RANKS.items()}
_SPAN_TELLERS = {word: source + 1 for word, source in SOURCES.items()}  # 0 means that nobody told
_LOG_TELLERS = {"hook": 5, "transcript": 3, "process": 2, "statusline": 1, "relay": 1}


@dataclass(frozen=True, slots=True)
class SpanFacts:
    """An agent's span; the columns of `agent_spans`."""

    session_id: str
    prompt_id: str
    source: int
    span_id: str
    name: str
    started: int
    ended: int
    agent: str
    user: str
    host: str
    project: str
    branch: str
    revision: str
    agent_id: str
    model: str
    outcome: str
    closed_by: str
    error_type: str
    attributes: Texts
    evidence: int
    teller: int
    is_script: int

    @property
    def days(self) -> range:
        """The UTC days that it touches."""
        return range(self.started // NS_PER_DAY, self.ended // NS_PER_DAY + 1)


@dataclass(frozen=True, slots=True)
class LogFacts:
    """An agent's record; the columns of `agent_logs`."""

    session_id: str
    prompt_id: str
    source: int
    span_id: str
    name: str
    began: int
    time: int
    agent: str
    user: str
    host: str
    project: str
    branch: str
    revision: str
    agent_id: str
    model: str
    attributes: Texts
    teller: int
    is_script: int

    @property
    def day(self) -> int:
        """The UTC day of its time."""
        return self.time // NS_PER_DAY

    @property
    def days(self) -> range:
        """The UTC days that it touches."""
        return range(self.began // NS_PER_DAY, self.day + 1)


def span_facts(row: Values) -> SpanFacts | None:
    """Return what an agent's span tells, None for any other span."""
    source = _source(row["ScopeName"])
    if source is None:
        return None
    of = Texts.of(row["SpanAttributes"])
    session = of["session.id"]
    if not session or session.startswith("hookline-doctor-"):
        return None
    resource = Texts.of(row["ResourceAttributes"])
    started = row["Timestamp"]
    return SpanFacts(
        session_id=session,
        prompt_id=of["hookline.prompt.id"],
        source=source,
        span_id=row["SpanId"],
        name=row["SpanName"],
        started=started,
        ended=started + min(row["Duration"], _LONGEST_NS),
        agent=resource["service.name"],
        user=Texts.of(row["SpanAttributes"], row["ResourceAttributes"]).first(*_USER),
        host=resource["host.name"],
        project=of["hookline.project.name"],
        branch=of["vcs.ref.head.name"],
        revision=of["vcs.ref.head.revision"],
        agent_id=of.first("gen_ai.agent.id", "agent_id"),
        model=of["gen_ai.request.model"],
        outcome=of["hookline.outcome"],
        closed_by=of["hookline.closed_by"],
        error_type=of["error.type"],
        attributes=of,
        evidence=_evidence(of, source),
        teller=_teller(of, source),
        is_script=_is_script(of),
    )


def log_facts(row: Values) -> LogFacts | None:
    """Return what an agent's record tells, None for any other record. Raises Odd."""
    source = _source(row["ScopeName"])
    if source is None and row["ScopeName"] == "hookline.collector" and row["EventName"] == "hookline.session.closed":
        source = COLLECTOR
    if source is None:
        return None
    of = Texts.of(row["LogAttributes"])
    session = of["session.id"]
    if not session or session.startswith("hookline-doctor-"):
        return None
    resource = Texts.of(row["ResourceAttributes"])
    time = row["Timestamp"]
    began = time - int(min(of.decimal("duration_ms"), _MANY_MS) * 1e6)
    if began < 0:
        raise Odd("began before 1970")
    return LogFacts(
        session_id=session,
        prompt_id=of.first("hookline.prompt.id", "prompt.id"),
        source=source,
        span_id=row["SpanId"],
        name=_PREFIX.sub("", row["EventName"] or of["event.name"]),
        began=began,
        time=time,
        agent=resource["service.name"],
        user=Texts.of(row["LogAttributes"], row["ResourceAttributes"]).first(*_USER),
        host=resource["host.name"],
        project=of["hookline.project.name"],
        branch=of["vcs.ref.head.name"],
        revision=of["vcs.ref.head.revision"],
        agent_id=of.first("gen_ai.agent.id", "agent_id"),
        model=of.first("gen_ai.request.model", "gen_ai.response.model", "model"),
        attributes=of,
        teller=_log_teller(of, source),
        is_script=_is_script(of),
    )


def _source(scope: str) -> int | None:
    """Return who speaks, None where it is no agent."""
    if scope == "hookline.agent":
        return HOOK
    if scope == "hookline.history":
        return TRANSCRIPT
    return NATIVE if scope.startswith(CLAUDE_NATIVE_SCOPE_PREFIX) else None


def _evidence(of: Texts, source: int) -> int:
    if source == NATIVE:
        return 3
    if said := of["hookline.evidence"]:
        return _EVIDENCE.get(said, 1)
    closed_by = of["hookline.closed_by"]
    return 3 if not closed_by else 2 if closed_by in DERIVED_CLOSINGS else 1


def _teller(of: Texts, source: int) -> int:
    if source == NATIVE:
        return 4
    if said := of["hookline.evidence.source"]:
        return _SPAN_TELLERS.get(said, 1)
    return 1 if of["hookline.closed_by"] else 5 if source == HOOK else 3


def _log_teller(of: Texts, source: int) -> int:
    if said := of["hookline.source"]:
        return _LOG_TELLERS.get(said, 5)
    return {HOOK: 5, NATIVE: 4, TRANSCRIPT: 3}.get(source, 0)


def _is_script(of: Texts) -> int:
    return int(of["hookline.session.interactive"] == "false" or of["hookline.session.entrypoint"].startswith("sdk"))


def place(fact: SpanFacts | LogFacts, at: int) -> tuple[int, str, str, str]:
    """Return where it was, as (moment, project, branch, revision)."""
    return (at, fact.project, fact.branch, fact.revision) if fact.project else (UNSET, "", "", "")


def known_evidence(of: Texts) -> int:
    """Return how well a record's end is known: observed, unless it says otherwise."""
    return {"derived": 2, "inferred": 1}.get(of["hookline.evidence"], 3)
