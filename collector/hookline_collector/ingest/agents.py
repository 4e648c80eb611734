"""Telling agents' telemetry from everybody else's, by the scopes in a request."""

from __future__ import annotations

from collections.abc import Set

from hookline.contract import semconv
from hookline_collector.observe.announcements import Accepted
from hookline_collector.signal import Signal

AGENT_SCOPES = frozenset({semconv.AGENT_SCOPE, semconv.HISTORY_SCOPE, semconv.RESOURCE_SCOPE})


def is_agents(signal: Signal, scope_names: Set[str]) -> bool:
    """Whether one of the scopes is an agent's: Hookline's own, or the client's native telemetry.

    The collector's records say which sessions its cleanup closed; its metrics are its own affair.
    """
    if semconv.COLLECTOR_SCOPE in scope_names and signal is not Signal.METRICS:
        return True
    return any(name in AGENT_SCOPES or name.startswith(semconv.CLAUDE_NATIVE_SCOPE_PREFIX) for name in scope_names)


def of_agents(accepted: Accepted) -> bool:
    """Whether an accepted request is an agent's: what live sessions want to hear of."""
    return is_agents(accepted.signal, accepted.scopes)
