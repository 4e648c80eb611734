"""What both halves agree on, and what the SQL repeats: it imports nothing of Hookline.

    semconv         names of attributes and metrics
    events          what happened: kinds of events and the names of their records, names of spans, how a session ends
    scopes          who speaks: instrumentation scopes, and the sessions that are nobody's
    evidence        how well something is known, and who showed it
    claude_native   the names that Claude Code's own telemetry has
    codex_native    the names that Codex's own telemetry has
    qwen_native     the names that Qwen Code's own telemetry has
    services        what `hookline.instrument()` sends of a service: spans, log events, metrics
    groupings       what a report is asked for: groupings, roundings, formats
    ids             ids of traces and spans
    databases       what the agent beside a database sends

SQL stays plain SQL: `tests/contract` holds it, docs/data-model.md and the OpenAPI document to these names.
"""
