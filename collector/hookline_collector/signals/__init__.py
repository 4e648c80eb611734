"""Agents' signals as observations: what one span or log record says about one session.

requests       a parsed export request, a stored record or span, as observations
observations   the record, its kinds, and the rules that make it
hooks          Hookline's own records and spans, of any agent
claude_code, codex, copilot_cli, gemini_cli, qwen_code    agents' native telemetry, a module each; another's is another module here,
               and a row of `NATIVES`
"""
