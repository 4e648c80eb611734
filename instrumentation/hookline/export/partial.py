"""Partial success: the endpoint took the request and refused some of its items. The SDK's exporters pass over it."""

from typing import Any

_FIELDS = ("rejected_spans", "rejected_log_records", "rejected_data_points")


def rejected_items(response: Any) -> tuple[str, None, int]:
    """Return (message, no delay, how many items were refused) of an export's response."""
    partial = response.partial_success
    count = next((getattr(partial, name) for name in _FIELDS if hasattr(partial, name)), 0)
    return partial.error_message, None, max(0, count)
