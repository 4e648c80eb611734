"""What an endpoint has shown that it takes, and what its answers mean in that light.

A refusal is the data's fault only where the endpoint has accepted something of that signal, or an empty request: else it
is the address or the token, and nothing is thrown away. A signal is unsupported only where the endpoint takes traces.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hookline.export.result import ExportOutcome

DOUBTS = 8  # attempts after which an answer without a clear meaning counts as a refusal
TRACES = "traces"
LOGS = "logs"
METRICS = "metrics"


@dataclass(frozen=True, slots=True)
class EndpointProbe:
    """The signals that an endpoint took, and those that it was asked about, by an empty request, to understand the answer at hand."""

    taken: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()

    def interpret(self, kind: ExportOutcome, signal: str, doubts: int) -> ExportOutcome | None:
        """Return what an answer means here; None while that depends on a question that was not asked, see `open_question`.

        `doubts` is how often the same items got no clear answer.
        """
        kind = ExportOutcome.REFUSED if kind is ExportOutcome.DOUBTFUL and doubts >= DOUBTS else kind
        if kind not in {ExportOutcome.UNSUPPORTED, ExportOutcome.REFUSED}:
            return kind
        if kind is ExportOutcome.UNSUPPORTED and signal == TRACES:
            return ExportOutcome.BLOCKED
        question = self.open_question(kind, signal)
        if question in self.taken:
            return kind
        return ExportOutcome.BLOCKED if question in self.asked else None

    def open_question(self, kind: ExportOutcome, signal: str) -> str:
        """Return the signal that the endpoint has to take for such an answer to be about the data."""
        return TRACES if kind is ExportOutcome.UNSUPPORTED else signal

    def shown(self, signal: str) -> EndpointProbe:
        """Return what is known after the endpoint took something of a signal."""
        return self if signal in self.taken else replace(self, taken=self.taken | {signal})

    def answered(self, signal: str, kind: ExportOutcome) -> EndpointProbe:
        """Return what is known after the endpoint was asked about a signal."""
        asked = replace(self, asked=self.asked | {signal})
        return asked.shown(signal) if kind is ExportOutcome.ACCEPTED else asked

    def for_next_answer(self) -> EndpointProbe:
        """Return what is known once an answer is understood: what was not taken may be by the next one."""
        return replace(self, asked=frozenset()) if self.asked else self
