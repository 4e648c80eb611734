"""Cases of a test: many in one, as each test has a cost of its own, more than what a row of a table takes; and of dear ones, when each runs."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from support.soaking import share

Test = Callable[..., None]


def with_each(names: str, cases: Iterable[Any]) -> Callable[[Test], Test]:
    """Let a test go through all cases, as `pytest.mark.parametrize` writes them, and tell at its end of each that failed.

    For what needs nothing of its own in each case: fixtures are made once.
    """
    wanted, all_cases = names.replace(" ", "").split(","), list(cases)

    def decorated(test: Test) -> Test:
        @functools.wraps(test)
        def whole(**given: Any) -> None:
            failed = []
            for case in all_cases:
                try:
                    test(**given, **dict(zip(wanted, case if len(wanted) > 1 else (case,), strict=True)))
                except Exception as why:
                    why.add_note(f"where {names} = {case!r}")
                    failed.append(why)
            if failed:
                raise ExceptionGroup(f"{len(failed)} of {len(all_cases)} cases", failed)

        others = [given for given in inspect.signature(test).parameters.values() if given.name not in wanted]
        whole.__signature__ = inspect.Signature(others)  # type: ignore[attr-defined]
        return whole

    return decorated


def by_portions(cases: Sequence[Any], in_long: int = 1) -> list[Any]:
    """Return what a dear test is parametrised by: the first case, some more with the long tests, and all in the middle portion."""
    later = cases[1 : share(1 + in_long, len(cases), len(cases))]
    return [*cases[:1], *(pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.long) for case in later)]
