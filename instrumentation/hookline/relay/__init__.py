"""The relay: resident on a developer's machine, it makes spans, log records and metrics of hook events and sends them.

    service      the entry: one relay a data folder, signals, start and stop
    loop         sleeps until there is something to do; monitor is what is periodic while sessions live
    assembly     the parts, put together from the settings
    intake/      spool → events → fold → outbox, and what fills the spool beside the hooks: transcripts, gaps
    watch/       what the relay sees for itself: sessions' processes and their end, the machine's sleep, samples
    metrics      what was accepted, counted once (counted)
    state_file   what the relay says of itself

Each imports only those below it. What is sent, and whatever the endpoint answers, is `hookline.export`.
The design stands in docs/relay.md. Public: `run`, and `state_file.read` for whoever wants to know how a relay does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from hookline.fold import FoldRules
from hookline.settings import Settings

__all__ = ["run"]


_RULES = FoldRules()


def run(settings: Settings, stop: threading.Event | None = None, ready: Callable[[], object] | None = None, rules: FoldRules = _RULES) -> int:
    """Run a relay until `stop` is set and return 0. See `hookline.relay.service`.

    `rules` are those of the fold, of which a turn's longest silence is a setting.
    """
    from hookline.relay.service import run_relay  # noqa: PLC0415 - the exporters are heavy, and commands import this package

    return run_relay(settings, stop, ready, rules)
