"""The five-hour and weekly usage windows of each account, from the store."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hookline.system.clock import NS_PER_DAY, NS_PER_S
from hookline_collector.work.burn import SLOT_NS, SLOTS, Burn, Wall, WindowProjection, burn_of, projection_of, wall_of
from hookline_collector.work.names import check_names
from hookline_collector.work.period import moment
from hookline_collector.work.statements import Query, statement
from hookline_collector.work.weeks import Week, weeks
from hookline_collector.work.windows import HOUR_NS, WINDOW_NS, LimitReading, ModelRequest, Window, windows


@dataclass(frozen=True, slots=True)
class AccountWindow:
    """One window of an account and, while it is active, how fast it goes, where to, and when it hits the wall."""

    account: str
    window: Window
    is_active: bool
    burn: Burn | None
    projection: WindowProjection | None
    wall: Wall | None


def usage_windows(
    query: Query, now_ns: int, days: int = 3, account: str = "", token_limit: int | None = None, *, running: bool = False
) -> tuple[AccountWindow, ...]:
    """Return the windows and gaps of the last `days`, by account and in order; only windows that still run, if `running`.

    An account without a reported limit is measured against `token_limit`, else against its own fullest earlier window. Raises Rejected on an account
    that nobody knows.
    """
    parameters = _parameters(now_ns, days, account)
    observations: defaultdict[str, list[LimitReading]] = defaultdict(list)
    for name, resets_at_s, used_percent, course in query(statement("limits"), {**parameters, "kind": "five_hour"}):
        points = tuple((int(at_s) * NS_PER_S, float(percent)) for at_s, percent in course)
        observations[name].append(LimitReading(int(resets_at_s) * NS_PER_S, used_percent, points))
    requests: defaultdict[str, list[ModelRequest]] = defaultdict(list)
    bounds = {"fine_ns": now_ns - SLOTS * SLOT_NS, "edges": _edges(observations.values())}
    for name, *values in query(statement("requests"), parameters | bounds):
        requests[name].append(ModelRequest(*values))
    if account and not requests and not observations:
        check_names(query, account=account)
    return tuple(
        found
        for name in sorted(requests.keys() | observations.keys())
        for found in _of_account(name, windows(requests[name], observations[name]), now_ns, token_limit, running=running)
    )


def weekly_windows(query: Query, now_ns: int, days: int = 3, account: str = "") -> tuple[Week, ...]:
    """Return the weekly windows that reach into the last `days`, by account and in order."""
    return weeks(query, _parameters(now_ns, days, account), now_ns)


def _edges(observations: Iterable[Sequence[LimitReading]]) -> list[int]:
    """Return the moments at which observed windows begin and end, but for full hours, at which no row of several requests reaches beyond."""
    resets = {each.resets_at_ns for of_account in observations for each in of_account}
    return [0, *sorted(at for reset in resets for at in (reset - WINDOW_NS, reset) if at % HOUR_NS)]


def _parameters(now_ns: int, days: int, account: str) -> dict[str, Any]:
    return {"since": moment(now_ns - days * NS_PER_DAY).date().isoformat(), "until": moment(now_ns).date().isoformat(), "account": account}


def _of_account(account: str, found: list[Window], now_ns: int, token_limit: int | None, *, running: bool) -> list[AccountWindow]:
    fullest = max((window.tokens for window in found if not window.is_active(now_ns)), default=0)
    limit = token_limit if token_limit is not None else fullest or None
    return [
        AccountWindow(
            account,
            window,
            window.is_active(now_ns),
            burn_of(window),
            projection_of(window, now_ns),
            wall_of(window, now_ns, limit),
        )
        for window in found
        if not running or window.is_active(now_ns)
    ]
