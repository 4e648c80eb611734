"""Questions to the store that do not need each other, asked at the same time: one is planned while another reads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_THREADS = ThreadPoolExecutor(3, thread_name_prefix="side by side")


def side_by_side(first: Callable[[], T], *others: Callable[[], Any]) -> tuple[T, list[Any]]:
    """Return the answers: the first one's, asked in this thread, and the others', asked in threads of their own, where they must ask nobody else.

    Raises what a question raises, once all that had begun are answered.
    """
    asked = [_THREADS.submit(each) for each in others]
    try:
        found = first()
    except BaseException:
        for each in asked:
            each.cancel()
        raise
    return found, [each.result() for each in asked]
