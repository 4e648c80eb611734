"""What a request costs by a list of prices: the one rule, for what was worked out as for live sessions. In SQL it stands in the view `told_usage`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hookline_collector.signals.token_counts import TokenCounts

Band = tuple[int, float, float, float, float, float]
"""Of prompts with more tokens than the first figure, what a million cost: input, output, written for 5 min and for 1 h, read."""
Prices = Mapping[str, Sequence[Band]]
"""Bands of prompt size, in order, by the beginning of a model's name."""
FREE = ":free"  # the end of a model's name where a router takes nothing for it
_FREE: Band = (0, 0.0, 0.0, 0.0, 0.0, 0.0)


def banded(listed: Iterable[tuple[Any, ...]]) -> Prices:
    """Return the prices of a list: each row the beginning of a model's name, and a band."""
    bands: dict[str, list[Band]] = {}
    for prefix, *band in listed:
        bands.setdefault(prefix, []).append((band[0], band[1], band[2], band[3], band[4], band[5]))
    return {prefix: sorted(found) for prefix, found in bands.items()}


def cost_of(model: str, tokens: TokenCounts, prices: Prices) -> float | None:
    """Return what a request costs in US dollars; None where no price fits its model."""
    bands = bands_of(model, prices)
    if not bands:
        return None
    size = tokens.uncached + tokens.read + tokens.written
    price = next((band for band in reversed(bands) if band[0] <= size), _FREE)
    cost = (
        tokens.uncached * price[1]
        + tokens.output * price[2]
        + (tokens.written - tokens.written_1h) * price[3]
        + tokens.written_1h * price[4]
        + tokens.read * price[5]
    )
    return cost / 1e6


def bands_of(model: str, prices: Prices) -> Sequence[Band]:
    """Return the prices of a model: those of the longest beginning of its name. Clouds put words before it, routers the provider."""
    if model.endswith(FREE):
        return ()
    model = model.rpartition("/")[2]
    at = model.find("claude-")
    plain = model[at:] if at > 0 else model
    fitting = [prefix for prefix in prices if plain.startswith(prefix)]
    return prices[max(fitting, key=len)] if fitting else ()
