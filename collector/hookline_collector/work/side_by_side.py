"""Questions to the store that do not need each other, asked at the same time: one is planned while another reads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def side_by_side(first: Callable[[], T], *others: Callable[[], Any]) -> tuple[T, list[Any]]:
    """Return the answers: the first one's, asked in this thread, and the others', asked in threads that live as long as this call.

    Raises what a question raises, once all are answered.
    """
    with ThreadPoolExecutor(len(others), thread_name_prefix="side by side") as threads:
        asked = [threads.submit(each) for each in others]
        return first(), [each.result() for each in asked]
