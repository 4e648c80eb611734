"""What the store was told of some sessions, as the rules read it: one record a row of the state tables, moments in Unix nanoseconds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

NEVER_NS = 7_226_582_400_000_000_000
"""From 2199 on: a row that began never is only the end of something that another row began."""
GLOBAL_ID_LENGTH = 20
"""Ids of so many characters are the same thing in every session."""
OBSERVED, DERIVED = 3, 2
HOOK, NATIVE, TRANSCRIPT = 3, 2, 1


class CallFact(NamedTuple):
    """One source's word of a call on one day."""

    session_id: str
    call_id: str
    source: int
    day: int
    tool: str
    prompt_id: str
    agent: str
    user: str
    host: str
    agent_id: str
    mcp_server: str
    file_extension: str
    background: int
    requested_ns: int
    started_ns: int
    ended_ns: int
    run_ms: float
    whole_ms: float
    end_evidence: int
    end_teller: int
    end_ns: int
    is_known: int
    said_evidence: int
    said_teller: int
    said_ns: int
    outcome: str
    error_type: str
    closed_by: str
    wait_ends: list[list[int]]
    decided: list[int]
    place: tuple[int, str, str, str]
    input_bytes: int
    output_bytes: int
    decision: str
    decision_source: str
    tool_kind: str
    process_cpu_ms: int
    mark: int

    @property
    def standing(self) -> int:
        """The better source, then the later day."""
        return self.source * 65_536 + self.day

    @property
    def rank(self) -> int:
        """How well the end is known."""
        return rank_of(self.end_evidence, self.end_teller, self.end_ns)

    @property
    def word(self) -> int:
        """How well the outcome is known."""
        return rank_of(self.said_evidence, self.said_teller, self.said_ns)


class StretchFact(NamedTuple):
    """One source's word of a turn, subagent, compaction, wait or hand-over on one day."""

    session_id: str
    told_prompt: str
    kind: str
    id: str
    source: int
    day: int
    started_ns: int
    linked_prompt: str
    ended_ns: int
    is_span: int
    end_evidence: int
    end_teller: int
    end_ns: int
    end_is_span: int
    outcome: str
    closed_by: str
    error_type: str
    seen_ns: int
    asks: int
    reason: str
    agent: str
    user: str
    host: str
    model: str
    agent_id: str
    call_id: str
    prompt_length: int
    place: tuple[int, str, str, str]
    is_script: int
    absorbed: list[int]
    mark: int

    @property
    def has_begun(self) -> bool:
        """Whether it is more than an end."""
        return self.started_ns < NEVER_NS

    @property
    def rank(self) -> int:
        """How well the end is known."""
        return rank_of(self.end_evidence, self.end_teller, self.end_ns)

    @property
    def earliness(self) -> int:
        """The best teller of a start, then the earliest: the least counts."""
        return ((3 - self.source) << 60) + ((1 - self.end_is_span) << 59) + (self.started_ns >> 3)


class RequestFact(NamedTuple):
    """One source's word of an API request on one day."""

    request_key: str
    source: int
    model: str
    has_id: int
    session_id: str
    prompt_id: str
    time_ns: int
    agent: str
    user: str
    account: str
    host: str
    project: str
    branch: str
    agent_id: str
    is_subagent: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_creation_tokens: int
    cache_1h_tokens: int
    client_cost_usd: float
    duration_ms: float
    mark: int


class SessionFact(NamedTuple):
    """What is known of a session as a whole, of all sources."""

    session_id: str
    started_ns: int
    last_ns: int
    active_ns: int
    ends: list[tuple[int, str, str]]
    agent: str
    user: str
    host: str
    place: list[str]
    model: str
    previous_id: str
    start_source: str
    prompts: int
    calls: frozenset[int]
    failures: int
    prompt_ids: frozenset[int]
    sources: int
    starts: list[int]
    is_script: int
    mark: int


@dataclass(frozen=True, slots=True)
class Told:
    """Everything told of sessions that share no id with any other: figures of theirs depend on nothing else, but for prices and the moment."""

    sessions: dict[str, SessionFact] = field(default_factory=dict)
    calls: list[CallFact] = field(default_factory=list)
    stretches: list[StretchFact] = field(default_factory=list)
    requests: list[RequestFact] = field(default_factory=list)
    suspends: list[tuple[str, int, int, int]] = field(default_factory=list)
    """(session, slept, woke, mark)"""
    places: list[tuple[str, str, str, str, str, list[int], int]] = field(default_factory=list)
    """(session, prompt, project, branch, revision, times, mark)"""


T = TypeVar("T")


def rank_of(evidence: int, teller: int, at_ns: int) -> int:
    """Return one number for how well something is known: evidence, then teller, then the later."""
    return ((evidence * 8 + teller) << 58) + (at_ns >> 4)


def of_best(facts: Sequence[T], ranks: Sequence[int], value: str) -> str:
    """Return the best-ranked text that is not empty."""
    best, found = -1, ""
    for fact, rank in zip(facts, ranks, strict=True):
        text: str = getattr(fact, value)
        if text and (rank > best or (rank == best and text > found)):
            best, found = rank, text
    return found
