"""Which attributes hold what people and agents wrote, in what agents send themselves: prompts, tools' inputs and outputs, answers, errors' texts.

The relay lets such texts out by the capture level before it sends anything. What an agent sends itself passes no relay: the collector drops and
redacts it by the same level (`ingest/contents.py`). A new agent adds its names to `AGENTS`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ContentKind(StrEnum):
    """From which capture level on a text is kept; whatever is kept is redacted and cut."""

    INPUT = "input"  # prompts, tools' inputs, paths: from `inputs` on
    OUTPUT = "output"  # answers, tools' outputs, errors' texts: at `full`
    NAME = "name"  # a word or a short message that says what happened: at every level


INPUT, OUTPUT, NAME = ContentKind.INPUT, ContentKind.OUTPUT, ContentKind.NAME

# The semantic conventions' names, whoever sends them; older ones, too
CONVENTIONS: Final[Mapping[str, ContentKind]] = {
    "gen_ai.input.messages": INPUT,
    "gen_ai.system_instructions": INPUT,
    "gen_ai.tool.definitions": INPUT,
    "gen_ai.tool.call.arguments": INPUT,
    "gen_ai.tool.arguments": INPUT,
    "gen_ai.tool.call.result": OUTPUT,
    "gen_ai.tool.result": OUTPUT,
    "gen_ai.output.messages": OUTPUT,
    "gen_ai.prompt": INPUT,
    "gen_ai.completion": OUTPUT,
    "gen_ai.event.content": OUTPUT,
}
CONVENTIONS_PREFIX: Final = "gen_ai."

# Of an agent's resource: how it was started, and so the prompt that it was started with
RESOURCE: Final[Mapping[str, ContentKind]] = {"process.command_args": INPUT, "process.command_line": INPUT}

_GEMINI: Final[Mapping[str, ContentKind]] = {
    "prompt": INPUT,
    "function_args": INPUT,
    "request_text": INPUT,
    "hook_input": INPUT,
    "hook_name": INPUT,  # a hook's command
    "response_text": OUTPUT,
    "hook_output": OUTPUT,
    "stdout": OUTPUT,
    "stderr": OUTPUT,
    "error": OUTPUT,
    "error.message": OUTPUT,
    "error_message": OUTPUT,
    "reasoning": OUTPUT,
    "metadata": OUTPUT,  # of a tool's call: what it changed, and a subagent's answer
}

# By the beginning of the scopes' names under which an agent sends
AGENTS: Final[Mapping[str, Mapping[str, ContentKind]]] = {
    "com.anthropic.claude_code": {
        "prompt": INPUT,
        "prompt_text": INPUT,
        "user_prompt": INPUT,
        "tool_parameters": INPUT,
        "tool_input": INPUT,
        "full_command": INPUT,
        "response": OUTPUT,
        "tool_output": OUTPUT,
        "new_context": INPUT,
        "error": NAME,  # what failed, as the reports tell it
    },
    "codex_": {"prompt": INPUT, "arguments": INPUT, "content": INPUT, "command": INPUT, "output": OUTPUT, "error": OUTPUT, "error.message": OUTPUT},
    "gemini-cli": _GEMINI,
    "qwen-code": {**_GEMINI, "result": OUTPUT, "execution_summary": OUTPUT, "tool_result": OUTPUT, "new_context": INPUT, "system_prompt": INPUT},
    "github.copilot": {
        "github.copilot.custom_notification.subject": INPUT,
        "github.copilot.user.message.content": INPUT,
        "exception.message": OUTPUT,
        "exception.stacktrace": OUTPUT,
    },
    "opencode": {"prompt": INPUT, "input": INPUT, "output": OUTPUT, "exception.message": OUTPUT, "exception.stacktrace": OUTPUT},
}


def contents_of(scope_name: str) -> Mapping[str, ContentKind] | None:
    """Return which attributes of an agent's scope hold texts; None for everybody else's."""
    return next((names for prefix, names in AGENTS.items() if scope_name.startswith(prefix)), None)
