"""The export stands on its own legs: whoever has something to send can use it."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import hookline.export

FOLDER = Path(hookline.export.__file__).parent
MAY_USE = {"contract", "errors", "export", "records", "settings", "system", "version"}


def imported(path: Path) -> set[str]:
    """Return every module of Hookline that a module imports, also within a function or for its types alone."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom) and node.module]
    return {str(node.module) for node in nodes if str(node.module).startswith("hookline.")}


def test_it_knows_neither_relay_nor_history_nor_fold() -> None:
    """Its records and settings are all that it is given."""
    used = {name.split(".")[1] for path in FOLDER.glob("*.py") for name in imported(path)}
    assert used <= MAY_USE


def test_no_two_of_its_modules_need_each_other() -> None:
    """Not even by an import within a function: the transports know nothing of what opens them."""
    graph = {f"hookline.export.{path.stem}": imported(path) for path in FOLDER.glob("*.py")}
    assert [*TopologicalSorter(graph).static_order()]
