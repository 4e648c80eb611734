"""Texts of alerts: Jinja2's sandbox, which takes what people wrote for Prometheus too.

    {{ $labels.tool }} is slow: {{ $value | humanizeDuration }}      {{ printf "%.1f" $value }}
    {% if labels.project %}in {{ labels.project }}{% endif %}

A template is bounded by what it may hold, so that no time-out has to end it: no macros, includes or loops in loops, no methods, only the functions of
`template_functions` and a few filters, multiplication and powers of numbers alone. What it makes is cut at MAX_TEXT. An error stands in the text, as
in Prometheus: a message with an error in it is better than none.
"""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import TemplateError, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from hookline_collector.alerts.matchers import text_of
from hookline_collector.alerts.template_functions import FUNCTIONS, MAX_TEXT, shown

MAX_TEMPLATE = 8_192
MAX_S = 0.1
ERROR = "<error expanding template: "
_FILTERS = (
    *("abs", "default", "d", "first", "float", "int", "join", "last", "length", "list"),
    *("lower", "round", "sort", "title", "tojson", "trim", "upper"),
)
_FORBIDDEN = (nodes.Macro, nodes.CallBlock, nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends, nodes.Block, nodes.FilterBlock, nodes.Pow)
_EXPRESSION = re.compile(r"\{\{(-?)(.*?)(-?)\}\}", re.DOTALL)
_GO_VALUE = re.compile(r"(?:\$labels|\$externalLabels|\.Labels|\.ExternalLabels)\.(\w+)|\$value|\.Value|\$externalURL|\.ExternalURL")
_QUOTED = re.compile(r"\"[^\"]*\"|`[^`]*`")
_JINJA = frozenset({"if", "else", "and", "or", "not", "in", "is", "~", "+", "-", "*", "/", "<", ">", "<=", ">=", "==", "!="})
_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
_GO_BLOCK = re.compile(r"\{\{-?\s*(if|range|end|else|with|define|template|block)\b(?!\s*\()")


class _Sandbox(SandboxedEnvironment):
    """A sandbox in which a mapping has its keys and nothing has methods."""

    intercepted_binops = frozenset({"*", "%", "**", "//", "/"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a key of a mapping; nothing else has anything."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return what stands under a key, or at a place of a list."""
        if isinstance(obj, Mapping):
            return obj.get(argument, "")
        if isinstance(obj, list | tuple | str) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether it is one of the functions."""
        return obj in FUNCTIONS.values()

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Compute with numbers alone: texts could be made huge."""
        del context
        if not all(isinstance(side, int | float) and abs(side) < 1e300 for side in (left, right)):
            raise SecurityError(f"{operator} is for numbers")
        return {"*": lambda: float(left) * right, "%": lambda: left % right, "/": lambda: left / right, "//": lambda: left // right}[operator]()


class _Nothing(Undefined):
    """What is not there is an empty text, as in Prometheus."""

    def __str__(self) -> str:
        return ""


def _finalize(value: Any) -> str:
    return shown(value) if isinstance(value, float) else text_of(value)


def _sandbox() -> _Sandbox:
    made = _Sandbox(undefined=_Nothing, finalize=_finalize, autoescape=False)
    made.filters = {name: made.filters[name] for name in _FILTERS} | dict(FUNCTIONS)
    made.tests = {name: made.tests[name] for name in ("defined", "undefined", "none", "number", "string", "eq", "ne", "lt", "gt", "le", "ge", "in")}
    made.globals = dict(FUNCTIONS)
    return made


_ENVIRONMENT = _sandbox()


def render(template: str, labels: Mapping[str, str], value: float, more: Mapping[str, Any] | None = None, most: int = MAX_TEXT) -> str:
    """Return the text of a template, at most so many characters of it. An error is the text."""
    if "{" not in template:
        return template[:most]
    given = {"labels": labels, "value": value, "externalLabels": {}, "externalURL": "", **(more or {})}
    try:
        return _bounded(_compiled(template).generate(given), most)
    except Exception as why:  # whatever a person's template does, the alert is sent
        return f"{ERROR}{_why(why)}>"


def check_template(template: str, *, is_label: bool) -> str:
    """Return what is wrong with a template, empty when nothing is. A label may not depend on the value: each would make another alert."""
    if len(template) > MAX_TEMPLATE:
        return f"a template may have {MAX_TEMPLATE} characters"
    if "{" not in template:
        return ""
    if found := _GO_BLOCK.search(template):
        return f"{{{{ {found[1]} }}}} is Go's: write {{% if %}}, {{% for %}}, {{% endif %}}"
    try:
        tree = _ENVIRONMENT.parse(as_jinja(template))
        _check(tree)
        _compiled(template)
    except (TemplateError, ValueError) as why:
        return f"not a template: {_why(why)}"
    names = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "load"}
    if is_label and names & {"value", "now"}:
        return "a label must not depend on the value: each value would be another alert"
    return ""


def _why(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _bounded(parts: Iterable[str], most: int) -> str:
    until, found, size = time.monotonic() + MAX_S, [], 0
    for part in parts:
        found.append(part)
        size += len(part)
        if size > most:
            return "".join(found)[: most - 1] + "…"
        if time.monotonic() > until:
            raise ValueError(f"takes longer than {MAX_S:g} s")
    return "".join(found)


@lru_cache(2_000)
def _compiled(template: str) -> Any:
    _check(_ENVIRONMENT.parse(as_jinja(template)))
    return _ENVIRONMENT.from_string(as_jinja(template))


def _check(tree: nodes.Template) -> None:
    for each in tree.find_all(_FORBIDDEN):
        raise ValueError(f"{type(each).__name__.lower()} is not for templates of alerts")
    for loop in tree.find_all(nodes.For):
        if any(inner is not loop for inner in loop.find_all(nodes.For)) or loop.recursive:
            raise ValueError("a loop in a loop")


def as_jinja(template: str) -> str:
    """Return a template with Prometheus' way of writing values and calls as Jinja's."""
    told = _STATEMENT.sub(lambda found: _values(found[0]), template)
    return _EXPRESSION.sub(lambda found: f"{{{{{found[1]} {_expression(found[2].strip())} {found[3]}}}}}", told)


def _expression(text: str) -> str:
    try:
        stages = [_words(part) for part in _pipes(text)]
    except ValueError:
        return _values(text)
    is_call = any(len(stage) > 1 and stage[0] in FUNCTIONS for stage in stages)
    is_jinja = any(word in _JINJA for stage in stages for word in stage) or "(" in _QUOTED.sub("", text)
    if not all(stages) or not is_call or is_jinja:
        return _values(text)
    made = ""
    for stage in stages:
        arguments = [_values(_literal(word)) for word in stage[1:]] + ([made] if made else [])
        made = f"{stage[0]}({', '.join(arguments)})" if stage[0] in FUNCTIONS else _values(_literal(stage[0]))
    return made


def _words(text: str) -> list[str]:
    words = shlex.shlex(text, posix=False, punctuation_chars=False)
    words.whitespace_split, words.commenters, words.quotes = True, "", '"`'
    return list(words)


def _pipes(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\|(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", text)]


def _literal(word: str) -> str:
    """Return Go's raw text as a text of Jinja."""
    if word[:1] == "`" and word[-1:] == "`":
        return '"' + word[1:-1].replace("\\", "\\\\").replace('"', '\\"') + '"'
    return word


def _values(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        if found[1]:
            return f"{'externalLabels' if 'xternal' in found[0] else 'labels'}['{found[1]}']"
        return "externalURL" if "xternal" in found[0] else "value"

    return _GO_VALUE.sub(one, text)
