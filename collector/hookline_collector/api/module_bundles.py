"""Modules as one file: a browser that was never here asks for a page's modules once, not thirty times. Pure, of their texts.

Each module becomes a function that is run once and returns what the module exports. All files share what has run, so that a module which two of
them bring runs in the first of them only. It reads no JavaScript but the few forms in which ours imports and exports, and takes no other.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

_NAMES = r"\{([^}]*)\}"
_IMPORT = re.compile(rf'^import {_NAMES} from "(\.{{1,2}}/[^"]+)";', re.MULTILINE)
_DECLARED = re.compile(r"^export (default )?((?:async )?function\*? |const |class )([\w$]+)", re.MULTILINE)
_LISTED = re.compile(rf"(?:^|(?<=[;}}]))export ?{_NAMES};?", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b[ {*].*", re.MULTILINE)
SHARED = "globalThis.hooklineModules ??= {};\n"


def bundle(first: str, modules: Mapping[str, str], ran: Iterable[str] = (), others: Iterable[str] = ()) -> str:
    """Return a module and all that it imports as a file, which exports by default what the module does.

    What ran before is left out, and what those of the `others` bring that it imports: files of the same kind, which it fetches.
    """
    needed = in_order(first, modules)
    fetched = [other for other in others if other in needed]
    left_out = {*ran, *(name for other in fetched for name in in_order(other, modules))}
    imports = "".join(f'import "{posixpath.relpath(other, posixpath.dirname(first))}";\n' for other in fetched)
    pieces = (_as_function(name, modules[name]) for name in needed if name not in left_out)
    default = f'export default hooklineModules["{first}"].default;\n' if "default" in dict(_exported(modules[first])) else ""
    return imports + SHARED + "".join(pieces) + default


def in_order(first: str, modules: Mapping[str, str]) -> list[str]:
    """Return a module and all that it imports, each behind those that it imports itself. Raises ValueError for a circle."""
    found: dict[str, bool] = {}

    def visit(name: str) -> None:
        if name in found:
            if not found[name]:
                raise ValueError(f"{name} imports itself, by way of others")
            return
        found[name] = False
        for each in _IMPORT.finditer(modules[name]):
            visit(_path(name, each[2]))
        found[name] = True
        done.append(name)

    done: list[str] = []
    visit(first)
    return done


def _as_function(name: str, text: str) -> str:
    exported = ", ".join(f"{outer}: {inner}" for outer, inner in _exported(text))
    body = _IMPORT.sub(lambda each: f'const {{ {_renamed(each[1])} }} = hooklineModules["{_path(name, each[2])}"];', text)
    body = _LISTED.sub("", _DECLARED.sub(r"\2\3", body))
    if strange := _LEFT.search(body):
        raise ValueError(f"{name} imports or exports in a way that is not known here: {strange[0]}")
    return f'hooklineModules["{name}"] ??= (() => {{ {body}\nreturn {{ {exported} }};\n}})();\n'


def _exported(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a module exports: under which name, and what that is called within."""
    yield from (("default" if each[1] else each[3], each[3]) for each in _DECLARED.finditer(text))
    for each in _LISTED.finditer(text):
        for inner, outer in _pairs(each[1]):
            yield outer, inner


def _renamed(names: str) -> str:
    return ", ".join(inner if inner == outer else f"{inner}: {outer}" for inner, outer in _pairs(names))


def _pairs(names: str) -> Iterator[tuple[str, str]]:
    for each in filter(None, map(str.strip, names.split(","))):
        inner, _, outer = each.partition(" as ")
        yield inner, outer or inner


def _path(name: str, relative: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), relative))
