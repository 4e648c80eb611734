"""What a tool does is said in the same words for every agent."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

import hookline.agents
from hookline.agents.claude_code.tools import KINDS
from hookline.contract.tool_kinds import NAMED_KINDS, TOOL_KINDS, ToolKind, kind_by_name, kind_of
from support.cases import with_each


def tables() -> Iterator[tuple[str, Mapping[str, ToolKind]]]:
    """Yield every agent's own table."""
    for module in pkgutil.walk_packages(hookline.agents.__path__, "hookline.agents."):
        if module.name.endswith(".tools"):
            yield module.name, importlib.import_module(module.name).KINDS


@with_each("module, kinds", list(tables()))
def test_an_agent_s_table_and_the_names_agree(module: str, kinds: Mapping[str, ToolKind]) -> None:
    """A call that hooks told of and one that only the agent itself told of are of the same kind."""
    assert {name: kind for name, kind in kinds.items() if NAMED_KINDS.get(name, kind) is not kind} == {}, module
    assert set(map(str, kinds.values())) <= set(TOOL_KINDS)


@with_each(
    "name, kind",
    [
        ("Bash", "shell"),
        ("Read", "read"),
        ("MultiEdit", "edit"),
        ("Grep", "search"),
        ("WebSearch", "web"),
        ("Task", "agent"),
        ("mcp__bash__Bash", "mcp"),
        ("AskUserQuestion", "other"),
        ("", "other"),
    ],
)
def test_the_kind_of_a_tool(name: str, kind: str) -> None:
    """By an agent's table, and by its name alone."""
    assert kind_of(name, KINDS) == kind
    assert kind_by_name(name) == kind
