"""Which API requests count, and what did each cost? Pure; the rules stand in docs/work-time.md, in SQL in the view `told_usage`."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from hookline_collector.signals.token_counts import TokenCounts
from hookline_collector.work.pricing import Prices, cost_of
from hookline_collector.worked_out.told_facts import GLOBAL_ID_LENGTH, NATIVE, TRANSCRIPT, RequestFact, of_best
from hookline_collector.worked_out.turn_rules import PromptKey, TurnRow

TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
OWN_NEAR_MS = 60_000
Request = dict[str, Any]
RequestRow = dict[str, Any]


def requests_of(facts: Iterable[RequestFact], turns: Iterable[TurnRow], prices: Prices) -> list[RequestRow]:
    """Return a row a request that counts. One without a project of its own has its prompt's, and its prompt's person."""
    told: defaultdict[str, list[RequestFact]] = defaultdict(list)
    own_ms: defaultdict[str, list[int]] = defaultdict(list)
    for fact in facts:
        told[fact.request_key].append(fact)
        if fact.source == NATIVE:
            own_ms[fact.session_id].append(fact.time_ns // 1_000_000)
    of_prompt: defaultdict[PromptKey, list[Request]] = defaultdict(list)
    for each in told.values():
        request = _merged(each)
        if not (
            request["source"] == TRANSCRIPT and not request["prompt_id"] and _is_near(request["time_ns"] // 1_000_000, own_ms[request["session_id"]])
        ):
            of_prompt[request["session_id"], request["prompt_id"]].append(request)
    of_turn = {_turn_key(turn["session_id"], turn["prompt_id"]): turn for turn in sorted(turns, key=_session_of, reverse=True)}
    return [
        _told(request, of_turn.get(_turn_key(request["session_id"], request["prompt_id"])), prices)
        for requests in of_prompt.values()
        for request in _counted(requests)
    ]


def _session_of(turn: TurnRow) -> str:
    return str(turn["session_id"])


def _turn_key(session_id: str, prompt_id: str) -> PromptKey:
    return "" if len(prompt_id) >= GLOBAL_ID_LENGTH else session_id, prompt_id


def _is_near(at_ms: int, own_ms: Iterable[int]) -> bool:
    return any(abs(at_ms - own) <= OWN_NEAR_MS for own in own_ms)


def _merged(facts: list[RequestFact]) -> Request:
    sources = [fact.source for fact in facts]
    project, branch = max((fact.source * (fact.project != ""), fact.project, fact.branch) for fact in facts)[1:]
    return {
        "request_key": facts[0].request_key,
        "source": max(sources),
        "has_id": max(fact.has_id for fact in facts),
        "session_id": min((3 - fact.source, fact.session_id) for fact in facts)[1],
        "time_ns": min((3 - fact.source, fact.time_ns) for fact in facts)[1],
        "model": max((fact.source, fact.model) for fact in facts)[1],
        **{name: of_best(facts, sources, name) for name in ("prompt_id", "agent", "user", "account", "host", "agent_id")},
        "project": project,
        "branch": branch,
        "is_subagent": max(fact.is_subagent for fact in facts),
        **{name: max((fact.source, getattr(fact, name)) for fact in facts)[1] for name in (*TOKENS, "cache_1h_tokens")},
        "client_cost_usd": max(fact.client_cost_usd for fact in facts),
        "duration_ms": max(fact.duration_ms for fact in facts),
    }


def _counted(requests: list[Request]) -> list[Request]:
    """Of the agent's own records and a transcript's without common ids, the one that knows of more tokens speaks for the whole prompt."""
    own = [request for request in requests if request["source"] == NATIVE]
    read = [request for request in requests if request["source"] == TRANSCRIPT]
    if not own or not read:
        return requests
    if all(request["has_id"] for request in own):
        return [request for request in requests if request["source"] == NATIVE or request["has_id"]]
    return read if _tokens(read) > _tokens(own) else own


def _tokens(requests: Iterable[Request]) -> int:
    return sum(int(request[name]) for request in requests for name in TOKENS)


def _told(request: Request, turn: TurnRow | None, prices: Prices) -> RequestRow:
    cost_usd, cost_source = _cost(request, prices)
    project, branch = (request["project"], request["branch"])
    if not project and turn:
        project, branch = turn["project"], turn["branch"]
    kept = (
        "request_key",
        "session_id",
        "prompt_id",
        "time_ns",
        "model",
        "agent",
        "user",
        "account",
        "host",
        "project",
        "branch",
        "agent_id",
        "is_subagent",
    )
    return {
        **{name: request[name] for name in (*kept, *TOKENS)},
        "cost_usd": cost_usd,
        "cost_source": cost_source,
        "duration_s": request["duration_ms"] / 1e3,
        "source_name": "native" if request["source"] == NATIVE else "transcript",
        "of_user": (turn["user"] if turn else "") or request["user"],
        "of_project": project,
        "of_branch": branch,
    }


def _cost(request: Request, prices: Prices) -> tuple[float | None, str]:
    if request["client_cost_usd"] >= 0:
        return request["client_cost_usd"], "client"
    tokens = TokenCounts(*(request[name] for name in (*TOKENS, "cache_1h_tokens")))
    cost = cost_of(request["model"], tokens, prices)
    return cost, "unknown" if cost is None else "prices"
