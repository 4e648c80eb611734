"""Lines of a transcript, shaped as Claude Code 2.1.329 wrote them."""

from __future__ import annotations

from typing import Any

Line = dict[str, Any]
NO = "The user doesn't want to proceed with this tool use. The tool use was rejected"


def line(kind: str, second: int, uuid: str, parent: str = "", content: object = None, **more: object) -> Line:
    """Return a line of the transcript."""
    made: Line = {
        "type": kind,
        "timestamp": f"2026-11-25T22:00:{second:02d}.500Z",
        "uuid": uuid,
        "parentUuid": parent,
        "cwd": "/srv/shop",
        "entrypoint": "cli",
    }
    return made | ({"message": {"content": content}} if content is not None else {}) | more


def prompt(second: int, uuid: str, parent: str, prompt_id: str, text: str = "Go.", **more: object) -> Line:
    return line("user", second, uuid, parent, text, promptId=prompt_id, **more)


def use(second: int, uuid: str, parent: str, call_id: str, name: str = "Bash") -> Line:
    return line("assistant", second, uuid, parent, [{"type": "tool_use", "id": call_id, "name": name, "input": {"command": "make"}}])


def result(second: int, uuid: str, parent: str, call_id: str, text: str, *, is_error: bool = True, **more: object) -> Line:
    return line("user", second, uuid, parent, [{"type": "tool_result", "tool_use_id": call_id, "is_error": is_error, "content": text}], **more)


def interrupt(second: int, uuid: str, parent: str, **more: object) -> Line:
    return line("user", second, uuid, parent, [{"type": "text", "text": "[Request interrupted by user for tool use]"}], **more)
