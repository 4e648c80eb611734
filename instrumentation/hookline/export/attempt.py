"""One attempt: an exporter of the SDK that leaves behind what the endpoint answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from hookline.export.result import ACCEPTED, ExportOutcome, ExportResult, unreachable


class AttemptResult:
    """Where a watched transport leaves what the endpoint answered to the attempt at hand.

    `is_watched` is set by the transport: without it a failure without a result says nothing, with it the attempt never
    reached the wire, because the data could not be encoded.
    """

    def __init__(self) -> None:
        self.result: ExportResult | None = None
        self.is_watched = False


class SdkExporter(Protocol):
    """What this module uses of an exporter of the SDK."""

    def export(self, data: Any, /) -> Any:
        """Send; the result's name is SUCCESS or FAILURE."""

    def shutdown(self) -> None:
        """Close the connection; a call in flight ends."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """One signal's exporter and the place where its answers are found."""

    sdk: SdkExporter
    attempt: AttemptResult

    def send(self, data: Any) -> ExportResult:
        """Make one attempt and return what became of it. Never raises."""
        self.attempt.result = None
        try:
            answer = self.sdk.export(data)
        except Exception as error:
            return self.attempt.result or self._unsent(f"{type(error).__name__}: {error}")
        if self.attempt.result is not None:
            return self.attempt.result
        return ACCEPTED if getattr(answer, "name", "") == "SUCCESS" else self._unsent("the exporter could not encode it")

    def _unsent(self, why: str) -> ExportResult:
        return ExportResult(ExportOutcome.REFUSED, why) if self.attempt.is_watched else unreachable(why)
