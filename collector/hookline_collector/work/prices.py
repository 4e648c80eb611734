"""What tokens cost, from a file that people can edit.

The file is JSON: `models` lists entries `{prefix, input, output, cache_write_5m, cache_write_1h, cache_read, over_tokens?}` in USD for a
million tokens. `publish` writes it to the table `prices`, from which the view `usage` prices the requests whose cost the client did not
give; a model that no prefix fits has no cost, which is shown as unknown, never as zero.
"""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

from hookline.errors import ConfigInvalid
from hookline_collector.signals.token_counts import MODEL_KEYS, tokens_of
from hookline_collector.work.pricing import banded, cost_of
from hookline_collector.work.statements import Query, RunCommand, statement

_KEY = "work.prices_file"
_NUMBERS = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")


@dataclass(frozen=True, slots=True)
class Price:
    """USD for a million tokens of a model whose name begins with `prefix`, in prompts of more than `over_tokens`."""

    prefix: str
    over_tokens: int
    input: float
    output: float
    cache_write_5m: float
    cache_write_1h: float
    cache_read: float


def load_prices(path: Path | None) -> tuple[Price, ...]:
    """Read a price file, or the one shipped when `path` is None. Raises ConfigInvalid naming every entry that is wrong."""
    source = files(__package__).joinpath("prices.json") if path is None else path
    try:
        content = orjson.loads(source.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ConfigInvalid([(_KEY, f"cannot read {path}: {error}")]) from error
    entries = content.get("models") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise ConfigInvalid([(_KEY, f'{path} has no list "models"')])
    problems = [(_KEY, f"entry {n}: {why}") for n, entry in enumerate(entries, 1) for why in _faults(entry)]
    if problems:
        raise ConfigInvalid(problems)
    return tuple(Price(entry["prefix"], entry.get("over_tokens", 0), *(float(entry[name]) for name in _NUMBERS)) for entry in entries)


def prices_path(configured: str, config_dir: Path) -> Path | None:
    """Return the price file to read: the configured one, else `prices.json` next to the settings if it exists, else None for the one shipped."""
    if configured:
        return Path(configured).expanduser()
    own = config_dir / "prices.json"
    return own if own.is_file() else None


def request_pricer(path: Path | None) -> Callable[[Mapping[str, Any]], float | None]:
    """Return what says of a request's attributes what it costs in US dollars. Of a file that is wrong, as its publisher says, it knows nothing."""
    try:
        prices = banded(map(astuple, load_prices(path)))
    except ConfigInvalid:
        prices = {}

    def price(said: Mapping[str, Any]) -> float | None:
        model = next((str(said[name]) for name in MODEL_KEYS if said.get(name)), "")
        return cost_of(model, tokens_of(said), prices)

    return price


def publish(prices: tuple[Price, ...], query: Query, command: RunCommand) -> bool:
    """Make these the prices that count from now on, also for what was used before. Returns False when they already were."""
    listed = sorted(astuple(price) for price in prices)
    if [tuple(row) for row in query(statement("prices"), {})] == listed:
        return False
    columns = dict(zip(("prefixes", "overs", "inputs", "outputs", "writes_5m", "writes_1h", "reads"), zip(*listed, strict=True), strict=True))
    command(statement("publish_prices"), {name: list(values) for name, values in columns.items()})
    return True


def _faults(entry: Any) -> list[str]:
    if not isinstance(entry, dict):
        return ["must be an object"]
    faults = [] if isinstance(entry.get("prefix"), str) and entry["prefix"] else ['"prefix" must be the beginning of a model\'s name']
    faults += [f'"{name}" must be a number, 0 or more' for name in _NUMBERS if not _is_amount(entry.get(name))]
    over = entry.get("over_tokens", 0)
    return faults if isinstance(over, int) and over >= 0 else [*faults, '"over_tokens" must be a whole number, 0 or more']


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")
