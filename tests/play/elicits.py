"""A small server of tools that asks the person with a form: MCP over standard input and output.

elicits.py SECONDS     its tool `order` asks how many, works for so many seconds after the answer, and says what was answered
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

FORM = {"type": "object", "properties": {"count": {"type": "string", "title": "How many", "description": "A number"}}, "required": ["count"]}
TOOL = {"name": "order", "description": "Order something.", "inputSchema": {"type": "object", "properties": {"item": {"type": "string"}}}}


def main(works_s: float) -> None:
    """Answer until the input ends."""
    asked: list[Any] = []
    for line in sys.stdin:
        message = json.loads(line)
        method, number = message.get("method"), message.get("id")
        if method == "initialize":
            version = message["params"]["protocolVersion"]
            say(number, {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "desk", "version": "1"}})
        elif method == "tools/list":
            say(number, {"tools": [TOOL]})
        elif method == "tools/call":
            asked.append(number)
            write({"jsonrpc": "2.0", "id": "form", "method": "elicitation/create", "params": {"message": "How many?", "requestedSchema": FORM}})
        elif number == "form":
            time.sleep(works_s)
            say(asked.pop(), {"content": [{"type": "text", "text": json.dumps(message.get("result"))}]})
        elif number is not None:
            say(number, {})


def say(number: Any, result: dict[str, Any]) -> None:
    """Answer a request."""
    write({"jsonrpc": "2.0", "id": number, "result": result})


def write(message: dict[str, Any]) -> None:
    """Send one message."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]))
