"""`/api/v1/rules`: the rules in force and how each fares; what is wrong with the files; reading them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.alerts.alert_engine import AlertEngine, RuleInForce
from hookline_collector.alerts.rule import ItemMeasure, Measure, SessionMeasure
from hookline_collector.api.alerts import AlertRow, Holding, rows_of
from hookline_collector.api.http.endpoint import ApiEndpoint
from hookline_collector.api.http.json_answers import answer
from hookline_collector.yaml_files import FileProblem


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule and how it fares."""

    rule: str
    rule_group: str
    rule_file: str
    line: int
    measured: str
    for_ns: int
    keep_firing_for_ns: int
    interval_ns: int
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    health: str
    error: str
    evaluated_ns: int
    evaluations: int
    evaluation_s: float
    alerts: tuple[AlertRow, ...]


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One thing that is wrong with a rule file."""

    file: str
    line: int
    column: int
    key_path: str
    message: str


@dataclass(frozen=True, slots=True)
class RuleList:
    """The rules in force, and what is wrong with the files."""

    rules: tuple[RuleRow, ...]
    file_problems: tuple[ProblemRow, ...]


class RulesApi:
    """The rules."""

    def __init__(self, engine: AlertEngine, holding: Holding) -> None:
        self._engine = engine
        self._holding = holding
        told, again = "The rules in force, how each fares, and its alerts.", "Read the rule files again, now."
        self.routes = (
            ApiEndpoint("GET", "/api/v1/rules", self.list_rules, told, RuleList),
            ApiEndpoint("POST", "/api/v1/rules/reload", self.reload, again, RuleList),
        )

    async def list_rules(self, _: Request) -> Response:
        """Answer with the rules."""
        return answer(RuleList(tuple(_row(each, self._holding) for each in self._engine.in_force()), tuple(map(_problem, self._engine.problems))))

    async def reload(self, request: Request) -> Response:
        """Read the files, then answer with the rules."""
        await self._engine.reload()
        return await self.list_rules(request)


def measured(measure: Measure) -> str:
    """Say what a rule measures, in a few words."""
    if isinstance(measure, ItemMeasure):
        return f"{measure.kind.value} {measure.name or '*'} {measure.aggregate.value}"
    return f"session {measure.figure}" if isinstance(measure, SessionMeasure) else "sql"


def _row(each: RuleInForce, holding: Holding) -> RuleRow:
    rule, status = each.rule, each.status
    return RuleRow(
        rule=rule.origin.name,
        rule_group=rule.origin.group,
        rule_file=rule.origin.file,
        line=rule.line,
        measured=measured(rule.measure),
        for_ns=rule.for_ns,
        keep_firing_for_ns=rule.keep_firing_for_ns,
        interval_ns=rule.interval_ns,
        labels=rule.labels,
        annotations=rule.annotations,
        health="error" if status.error else "ok" if status.looks else "unknown",
        error=status.error,
        evaluated_ns=status.at_ns,
        evaluations=status.looks,
        evaluation_s=round(status.duration_s, 6),
        alerts=rows_of(each.alerts, holding),
    )


def _problem(problem: FileProblem) -> ProblemRow:
    return ProblemRow(problem.file, problem.line, problem.column, problem.key, problem.message)
