"""Adapters: one agent's payloads in, `AgentEvent` out.

event           the record that every adapter makes and the fold reads
claude_code     Claude Code's hooks and status line
claude_tools    what a tool's input, response and error text say
foreign         other agents that run the hooks of Claude's settings files
payload         typed reading of JSON that may hold anything
subagent_files  which call started a subagent, from the file beside its transcript
"""

from hookline.agents.claude_code.hooks import adapt, adapt_source
from hookline.agents.claude_code.subagent_files import enrich
from hookline.agents.event import AgentEvent, process_gone, tick

__all__ = ["AgentEvent", "adapt", "adapt_source", "enrich", "process_gone", "tick"]
