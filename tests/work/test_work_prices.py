"""The price table."""

import json
from pathlib import Path
from typing import Any

import pytest

from hookline.errors import ConfigInvalid
from hookline_collector.work.prices import load_prices, prices_path
from hookline_collector.work.pricing import Band, bands_of
from support.cases import with_each

ENTRY: dict[str, Any] = {"prefix": "claude-x", "input": 1, "output": 2, "cache_write_5m": 3, "cache_write_1h": 4, "cache_read": 0.5}


def written(folder: Path, content: Any) -> Path:
    """Write a price file."""
    path = folder / "prices.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_the_shipped_table_is_whole() -> None:
    """Each entry has all prices; a cached token is never dearer than a fresh one; no (prefix, band) stands twice."""
    prices = load_prices(None)
    assert len({(price.prefix, price.over_tokens) for price in prices}) == len(prices) > 10
    for price in prices:
        assert 0 < price.cache_read <= price.input <= price.cache_write_5m <= price.cache_write_1h < price.output, price


@with_each(
    "model, tokens, price",
    [
        ("claude-opus-5-5", 1, 4),
        ("claude-opus-4.5", 1, 5),  # as one agent writes it
        ("claude-opus-4-20250514", 1, 15),
        ("claude-sonnet-4.5", 1, 3),
        ("gpt-6.1-sol", 1, 2),
        ("gpt-6.1-sol", 272_000, 4),
        ("gpt-5.5", 1, 5),
        ("gpt-5-codex", 1, 1.25),
        ("gemini-3.8-flash", 1, 0.75),
        ("gemini-3.5-flash-lite", 1, 0.3),
        ("qwen3-coder-plus", 1, 1),
        ("qwen3-coder-plus", 128_000, 3),
        ("kimi-k3", 1, 3),
        ("grok-4.7", 1, 2),
        ("openai/gpt-5.5", 1, 5),  # as routers name it
        ("openrouter/z-ai/glm-5", 1, 1),
        ("models/gemini-3.8-flash", 1, 0.75),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 1, 3),
    ],
)
def test_models_that_agents_ask_have_a_price(model: str, tokens: int, price: float) -> None:
    """By the longest beginning of the name, and by the size of the prompt."""
    bands: dict[str, list[Band]] = {}
    for each in sorted(load_prices(None), key=lambda each: each.over_tokens):
        band = (each.over_tokens, each.input, each.output, each.cache_write_5m, each.cache_write_1h, each.cache_read)
        bands.setdefault(each.prefix, []).append(band)
    assert next(band[1] for band in reversed(bands_of(model, bands)) if band[0] <= tokens) == price


@pytest.mark.parametrize("model", ["scripted", "gpt-7-sol", "o5-mini", "my-own-model", "z-ai/glm-5:free"])
def test_a_model_that_nobody_has_a_price_for_has_none(model: str) -> None:
    """An unknown cost is shown as unknown."""
    assert not bands_of(model, {price.prefix: [(0, price.input, 0.0, 0.0, 0.0, 0.0)] for price in load_prices(None)})


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    """As the shipped one, with bands."""
    path = written(tmp_path, {"models": [ENTRY, {**ENTRY, "over_tokens": 100}]})
    assert [(price.prefix, price.over_tokens, price.cache_read) for price in load_prices(path)] == [("claude-x", 0, 0.5), ("claude-x", 100, 0.5)]


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    """With the number of the entry."""
    bad = [{**ENTRY, "input": -1, "output": "2"}, "nothing", {**ENTRY, "prefix": ""}, {**ENTRY, "over_tokens": -5}, {**ENTRY, "cache_read": True}]
    with pytest.raises(ConfigInvalid) as caught:
        load_prices(written(tmp_path, {"models": bad}))
    assert [key for key, _ in caught.value.problems] == ["work.prices_file"] * 6
    assert [why.split(":")[0] for _, why in caught.value.problems] == ["entry 1", "entry 1", "entry 2", "entry 3", "entry 4", "entry 5"]


@pytest.mark.parametrize("content", ["{", "[]", '{"models": 3}'])
def test_a_file_that_is_no_table_is_told(tmp_path: Path, content: str) -> None:
    """Not JSON, or not a list of models."""
    with pytest.raises(ConfigInvalid):
        load_prices(written(tmp_path, content))


def test_a_missing_file_that_was_asked_for_is_told(tmp_path: Path) -> None:
    """No silent fall-back."""
    with pytest.raises(ConfigInvalid):
        load_prices(tmp_path / "gone.json")


def test_the_file_beside_the_settings_counts_before_the_shipped_one(tmp_path: Path) -> None:
    """Configured, else beside, else shipped."""
    assert prices_path("", tmp_path) is None
    path = written(tmp_path, {"models": []})
    assert prices_path("", tmp_path) == path
    assert prices_path("/elsewhere.json", tmp_path) == Path("/elsewhere.json")
