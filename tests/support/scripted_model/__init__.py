"""A scripted stand-in for the models of coding agents, so that real clients run offline, whichever API they speak.

    with open_model({"tools": SCRIPT}) as url:      ... a client whose base URL is f"{url}/tools/v1"

A script is what to answer to each prompt, step by step: {"say": TEXT, "tools": [[NAME, INPUT], ...], "after_s": 0.05}, or
{"error": 400, "type": "invalid_request_error"}. The first part of a path names the script. The answer is chosen by the latest text of the request
that the script knows and by how many rounds of tool results stand behind it, so one script serves many prompts, a resumed session and subagents.

    dialect.py     what one API is to this package
    responses.py   OpenAI Responses
    completions.py OpenAI Chat Completions
    gemini_api.py  Gemini
    messages_api.py   Anthropic Messages
    spoken.py      what they have in common
    model_server.py   the server
"""

from support.scripted_model.model_server import ScriptedModel, open_model

__all__ = ["ScriptedModel", "open_model"]
