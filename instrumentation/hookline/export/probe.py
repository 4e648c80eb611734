"""What an endpoint has shown that it takes, and what its answers mean in that light.

A refusal is the data's fault only where the endpoint has accepted something of that signal, or an empty request: else it
is the address or the token, and nothing is thrown away. A signal is unsupported only where the endpoint takes traces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hookline.export.result import ExportOutcome, ExportResult

DOUBTS = 8  # attempts after which an answer without a clear meaning counts as a refusal
TRACES = "traces"

Send = Callable[[Sequence[Any]], ExportResult]


class EndpointProbe:
    """What is known of one endpoint."""

    def __init__(self, send_spans: Send) -> None:
        self._send_spans = send_spans
        self._shown: set[str] = set()

    def note(self, signal: str) -> None:
        """The endpoint took something of that signal."""
        self._shown.add(signal)

    def settle(self, verdict: ExportResult, signal: str, send: Send, doubts: int) -> ExportOutcome:
        """Decide what a verdict means here; `doubts` is how often these items got no clear answer. May ask with an empty request."""
        kind = ExportOutcome.REFUSED if verdict.kind is ExportOutcome.DOUBTFUL and doubts >= DOUBTS else verdict.kind
        if kind is ExportOutcome.UNSUPPORTED:
            return kind if signal != TRACES and self._takes(TRACES, self._send_spans) else ExportOutcome.BLOCKED
        if kind is ExportOutcome.REFUSED:
            return kind if self._takes(signal, send) else ExportOutcome.BLOCKED
        return kind

    def _takes(self, signal: str, send: Send) -> bool:
        if signal not in self._shown and send(()).kind is ExportOutcome.ACCEPTED:
            self._shown.add(signal)
        return signal in self._shown
