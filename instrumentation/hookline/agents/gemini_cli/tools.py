"""What Gemini CLI's tool calls say.

A tool of an MCP server is `mcp_<server>_<tool>`; both names may hold an underscore, and only the hook's `mcp_context` tells them apart.
`invoke_agent` runs a subagent, whose calls carry nothing that tells them from the main conversation's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hookline.agent_event import ToolUse
from hookline.agents.gemini_family import KINDS, CallEnd, end_of, read_call, text_of, with_result
from hookline.agents.payload import Json, member, members, text
from hookline.contract.tool_kinds import ToolKind
from hookline.privacy.capture import Policy

AGENT_TOOL: Final = "invoke_agent"
MCP_PREFIX: Final = "mcp_"


def read_tool(source: Json, policy: Policy, folder: str) -> ToolUse:
    """Return what one event tells of a call. `tool_call_id` is there in what session files tell, never in a hook's payload."""
    name = text(source, "tool_name") or "unknown"
    given = source.get("tool_input")
    tool = read_call(
        name,
        given,
        policy,
        folder,
        kind=kind_of(name),
        mcp_server=server_of(name, member(source, "mcp_context")),
        call_id=text(source, "tool_call_id"),
    )
    if name != AGENT_TOOL:
        return tool
    wanted = text(member(source, "tool_input"), "agent_name")
    return replace(tool, starts_agent=True, wanted_agent_type=wanted, runs_unmarked=not tool.call_id)


def read_tool_end(source: Json, policy: Policy, folder: str) -> tuple[ToolUse, CallEnd, str]:
    """Return the call with its result, how it ended, and what the model was told."""
    response = member(source, "tool_response")
    error = member(response, "error")
    told = text_of(response.get("llmContent"))
    end = end_of(text(source, "tool_name"), told or text(error, "message", 2_000), has_error=bool(error))
    tool = with_result(read_tool(source, policy, folder), response or None, policy, end, source)
    if tool.starts_agent:
        tool = replace(tool, agent_id=text(source, "started_agent_id") or _ran(member(response, "returnDisplay")))
    return tool, end, told


def kind_of(name: str) -> ToolKind:
    """Return what a tool does."""
    return ToolKind.MCP if name.startswith(MCP_PREFIX) else KINDS.get(name, ToolKind.OTHER)


def server_of(name: str, context: Json) -> str:
    """Return a tool's MCP server: as the client says, else the first word behind the prefix."""
    return text(context, "server_name") or (name.split("_")[1] if name.startswith(MCP_PREFIX) else "")


def mcp_call(server: str, tool: str, policy: Policy) -> ToolUse:
    """Return a call of an MCP server's tool, of which no input is known."""
    return ToolUse(policy.label(f"{MCP_PREFIX}{server}_{tool}"), kind=ToolKind.MCP, mcp_server=policy.label(server))


def _ran(shown: Json) -> str:
    """Return the subagent that a call ran: its activities are named by it."""
    first = next(iter(members(shown, "recentActivity", 1)), {})
    return text(first, "id").partition("#")[0]
