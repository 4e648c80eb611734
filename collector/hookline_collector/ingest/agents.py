"""Telling agents' telemetry from everybody else's, by the scopes in a request."""

from __future__ import annotations

from collections.abc import Set

from hookline.contract.scopes import Source
from hookline_collector.observe.announcements import Accepted
from hookline_collector.signal import Signal


def is_agents(signal: Signal, scope_names: Set[str]) -> bool:
    """Whether one of the scopes is an agent's: Hookline's own, or the client's native telemetry.

    The collector's records say which sessions its cleanup closed; its metrics are its own affair.
    """
    speakers = {Source.of(name) for name in scope_names} - {None}
    return bool(speakers - {Source.COLLECTOR} if signal is Signal.METRICS else speakers)


def of_agents(accepted: Accepted) -> bool:
    """Whether an accepted request is an agent's: what live sessions want to hear of."""
    return is_agents(accepted.signal, accepted.scopes)
