"""What Qwen Code's tool calls say.

A call is named by `tool_call_id`, as the session file and the client's own telemetry name it; `tool_use_id` is made up for the hook. A subagent's id
is its type and the id of the call that started it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hookline.agent_event import BatchCall, ToolUse
from hookline.agents.gemini_family import KINDS, CallEnd, end_of, failed, identity, is_denied, read_call, response_text, text_of, with_result
from hookline.agents.measures import measure
from hookline.agents.payload import Json, flag, long_text, member, members, text
from hookline.contract.events import SpanOutcome
from hookline.contract.tool_kinds import ToolKind, kind_of
from hookline.privacy.capture import Policy

AGENT_TOOL: Final = "agent"
REFUSED: Final = "execution_denied"
NOT_STARTED: Final = "not_started"


def read_tool(source: Json, policy: Policy, folder: str) -> ToolUse:
    """Return what one event tells of a call."""
    name = text(source, "tool_name") or "unknown"
    given, fields = source.get("tool_input"), member(source, "tool_input")
    tool = read_call(name, given, policy, folder, kind=kind_of(name, KINDS), mcp_server=server_of(name), call_id=text(source, "tool_call_id"))
    tool = replace(tool, is_background=flag(fields, "run_in_background" if name == AGENT_TOOL else "is_background") or None)
    return replace(tool, starts_agent=True, wanted_agent_type=text(fields, "subagent_type")) if name == AGENT_TOOL else tool


def read_tool_end(source: Json, policy: Policy, folder: str) -> tuple[ToolUse, CallEnd]:
    """Return a call that succeeded, with its result."""
    response = member(source, "tool_response")
    end = end_of(text(source, "tool_name"), text_of(response.get("llmContent")))
    tool = with_result(read_tool(source, policy, folder), response or None, policy, end, source)
    if not tool.starts_agent:
        return tool, end
    shown = member(response, "returnDisplay")
    is_launch = text(shown, "executionMode") == "background"
    agent_id = f"{text(shown, 'subagentName') or tool.wanted_agent_type}-{tool.call_id}"
    return replace(tool, agent_id=agent_id, is_launch=is_launch, is_background=is_launch or None), end


def read_tool_failure(source: Json, policy: Policy, folder: str) -> tuple[ToolUse, CallEnd, str]:
    """Return a call that failed, how, and its error."""
    error = long_text(source, "error")
    is_interrupt = flag(source, "is_interrupt") is True
    end = failed(error, is_interrupt=True) if is_interrupt else end_of(text(source, "tool_name"), error, has_error=True)
    if end.outcome is SpanOutcome.SUCCESS:
        end = failed(error)
    return with_result(read_tool(source, policy, folder), error, policy, end, source), end, error


def read_batch(source: Json, folder: str) -> tuple[BatchCall, ...]:
    """Return the calls that a finished batch names."""
    return tuple(_batch_call(item, folder) for item in members(source, "tool_calls") if text(item, "tool_call_id"))


def _batch_call(item: Json, folder: str) -> BatchCall:
    name = text(item, "tool_name")
    digest = measure(identity(name, item.get("tool_input"), folder))[1]
    return BatchCall(text(item, "tool_call_id"), name, digest, was_refused(item), is_unannounced=was_refused(item))


def was_refused(item: Json) -> bool:
    """Whether a call of a batch was refused: then nothing announced it, and nothing else tells of its end."""
    response = member(item, "tool_response")
    is_unused = text(response, "execution_status") == NOT_STARTED
    return text(response, "error_type") == REFUSED or (is_unused and is_denied(response_text(response.get("response_parts"))))


def server_of(name: str) -> str:
    """Return the MCP server of `mcp__<server>__<tool>`."""
    parts = name.split("__", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "mcp" else ""


def is_mcp(name: str) -> bool:
    """Whether a tool is an MCP server's."""
    return kind_of(name, KINDS) is ToolKind.MCP
