"""The functions that templates of alerts may use: Prometheus' own, with its results."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from hookline_collector.alerts.matchers import MAX_PATTERN, number_of, text_of
from hookline_collector.alerts.quantities import NS, duration_ns

MAX_TEXT = 4_096
_LARGE, _SMALL = ("k", "M", "G", "T", "P", "E", "Z", "Y"), ("m", "u", "n", "p", "f", "a", "z", "y")
_BINARY = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
_VERB = re.compile(r"%[-+# 0]*\d{0,2}(?:\.\d{0,2})?([a-zA-Z%])")


def number(value: object) -> float:
    """Return a value as a number. Raises ValueError."""
    found = number_of(value)
    if found is None:
        raise ValueError(f"{text_of(value)[:50]!r} is no number")
    return found


def shown(value: float) -> str:
    """Return a number as people write it."""
    return text_of(float(f"{value:.12g}")) if math.isfinite(value) else f"{value}"


def humanize(value: object) -> str:
    """Return a number with a metric prefix: 1234567 is 1.235M."""
    v = number(value)
    if v == 0 or not math.isfinite(v):
        return f"{v:.4g}"
    prefix = ""
    if abs(v) >= 1:
        for each in _LARGE:
            if abs(v) < 1000:
                break
            prefix, v = each, v / 1000
        return f"{v:.4g}{prefix}"
    for each in _SMALL:
        if abs(v) >= 1:
            break
        prefix, v = each, v * 1000
    return f"{v:.4g}{prefix}"


def humanize1024(value: object) -> str:
    """Return a number with a binary prefix: 1536 is 1.5ki."""
    v, prefix = number(value), ""
    if abs(v) <= 1 or not math.isfinite(v):
        return f"{v:.4g}"
    for each in _BINARY:
        if abs(v) < 1024:
            break
        prefix, v = each, v / 1024
    return f"{v:.4g}{prefix}"


def humanize_duration(value: object) -> str:
    """Return seconds as days, hours, minutes and seconds; less than a second with a prefix."""
    v = number(value)
    if not math.isfinite(v):
        return f"{v:.4g}"
    if v == 0:
        return "0s"
    if abs(v) < 1:
        prefix = ""
        for each in _SMALL:
            if abs(v) >= 1:
                break
            prefix, v = each, v * 1000
        return f"{v:.4g}{prefix}s"
    sign, whole = ("-" if v < 0 else ""), int(abs(v))
    days, hours, minutes, seconds = whole // 86_400, whole // 3_600 % 24, whole // 60 % 60, whole % 60
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {seconds}s"
    return f"{sign}{minutes}m {seconds}s" if minutes else f"{v:.4g}s"


def humanize_percentage(value: object) -> str:
    """Return a share as a percentage: 0.05 is 5%."""
    return f"{number(value) * 100:.4g}%"


def humanize_timestamp(value: object) -> str:
    """Return Unix seconds as a moment in UTC."""
    v = number(value)
    if not math.isfinite(v):
        return f"{v:.4g}"
    return f"{datetime.fromtimestamp(v, UTC):%Y-%m-%d %H:%M:%S} +0000 UTC"


def printf(form: object, *values: object) -> str:
    """Return values in the form of C and Go: `%.1f`, `%d`, `%s`, `%v`. Widths have two digits at most."""
    text = text_of(form)
    if re.search(r"%[-+# 0]*(\d{3}|\d*\.\d{3}|\*)", text):
        raise ValueError("a width has two digits at most")
    rest = list(values)

    def one(found: re.Match[str]) -> str:
        verb = found[1]
        if verb == "%":
            return "%"
        if not rest:
            return f"%!{verb}(MISSING)"
        value = rest.pop(0)
        if verb in "sv":
            return (found[0][:-1] + "s") % (shown(value) if isinstance(value, float) else text_of(value))
        if verb == "q":
            return f'"{text_of(value)}"'
        return found[0] % (int(number(value)) if verb in "dxXoc" else number(value))

    return _VERB.sub(one, text)


def re_replace_all(pattern: object, replacement: object, text: object) -> str:
    """Return a text with every match replaced; `$1` stands for what a group held."""
    found = text_of(pattern)
    if len(found) > MAX_PATTERN or re.search(r"[*+}]\)*[*+{]", found):
        raise ValueError("that pattern is too long, or repeats a repetition")
    compiled = re.compile(found)
    told = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", text_of(replacement).replace("\\", "\\\\"))
    return compiled.sub(told, text_of(text)[:MAX_TEXT])[:MAX_TEXT]


def match(pattern: object, text: object) -> bool:
    """Whether a pattern is found in a text."""
    found = text_of(pattern)
    if len(found) > MAX_PATTERN or re.search(r"[*+}]\)*[*+{]", found):
        raise ValueError("that pattern is too long, or repeats a repetition")
    return re.search(found, text_of(text)[:MAX_TEXT]) is not None


def strip_port(value: object) -> str:
    """Return a host without its port."""
    return re.sub(r":\d+$", "", text_of(value)).strip("[]")


def strip_domain(value: object) -> str:
    """Return a host without its domain; an address as it is."""
    text = text_of(value)
    host, colon, port = text.partition(":")
    is_address = re.fullmatch(r"[\d.]+", host) is not None
    return text if is_address else host.partition(".")[0] + colon + port


def title(value: object) -> str:
    """Return a text with each word's first letter large; as in Go, a word begins after anything but a letter, a digit and _."""
    return re.sub(r"(^|[^\w])(\w)", lambda found: found[1] + found[2].upper(), text_of(value))


def _not_here(name: str) -> Callable[..., str]:
    def refuse(*_: object) -> str:
        raise ValueError(f"{name} asks Prometheus, which is not here: give the rule the value, or labels, that it needs")

    return refuse


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "humanize": humanize,
    "humanize1024": humanize1024,
    "humanizeDuration": humanize_duration,
    "humanizePercentage": humanize_percentage,
    "humanizeTimestamp": humanize_timestamp,
    "toUpper": lambda value: text_of(value).upper(),
    "toLower": lambda value: text_of(value).lower(),
    "title": title,
    "match": match,
    "reReplaceAll": re_replace_all,
    "stripPort": strip_port,
    "stripDomain": strip_domain,
    "printf": printf,
    "parseDuration": lambda value: duration_ns(text_of(value)) / NS["s"],
    "toTime": humanize_timestamp,
    "now": lambda: float(int(time.time())),
    **{name: _not_here(name) for name in ("query", "sortByLabel", "strvalue")},
}
"""By the names that Prometheus gives them."""
