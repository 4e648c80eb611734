"""What is known of a session as a whole? Pure; the rules stand in docs/work-time.md, in SQL in the views `sessions_known` and `told_sessions`."""

from collections.abc import Iterable
from typing import Any

from hookline_collector.worked_out.request_rules import TOKENS, RequestRow
from hookline_collector.worked_out.told_facts import SessionFact

ENDS = ("timed_out", "superseded", "process_gone", "session_end")
"""How a session may have ended; where several hold, the later in this order counts."""
CLOCK_SLACK_NS = 50_000_000
SessionRow = dict[str, Any]


def session_of(fact: SessionFact, requests: Iterable[RequestRow]) -> SessionRow:
    """Return a session's row."""
    valid = [(ENDS.index(how) + 1 if how in ENDS else 0, at, why, how) for at, how, why in fact.ends if at >= fact.active_ns - CLOCK_SLACK_NS]
    rank, ended_ns, why, how = max(valid, default=(0, 0, "", ""))
    found = list(requests)
    costs = [request["cost_usd"] for request in found if request["cost_usd"] is not None]
    counted = {name: sum(request[name] for request in found) for name in TOKENS}
    return {
        "session_id": fact.session_id,
        **{name: getattr(fact, name) for name in ("agent", "user", "host", "model", "started_ns", "last_ns", "start_source", "previous_id")},
        "project": fact.place[0],
        "branch": fact.place[1],
        "ended_ns": ended_ns if valid else None,
        "ended_how": how,
        "end_reason": why,
        "prompts": fact.prompts,
        "calls": len(fact.calls),
        "failures": fact.failures,
        "sources": [word for bit, word in ((8, "hook"), (4, "native"), (2, "transcript")) if fact.sources & bit],
        "evidence": ("" if not how else "inferred") if rank in (0, 1) else "derived" if rank == 3 else "observed",
        "is_script": fact.is_script,
        "requests": len(found),
        **counted,
        "total_tokens": sum(counted.values()),
        "cost_usd": sum(costs) if costs else None,
        "requests_without_cost": len(found) - len(costs),
    }
