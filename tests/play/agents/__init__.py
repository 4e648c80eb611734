"""The play of every coding agent: real clients, offline, with our hooks, and what Hookline then says beside what the client wrote down.

    python -m play.agents [AGENT ...]      from the folder tests/, as root; all that can be had when none is named
    make play-agents ARGS="codex --keep /tmp/kept"

A client comes from npm at the version of its row, once, into `.cache/agents/<agent>` (or lies below `$HOOKLINE_TEST_AGENTS`); one that
cannot be had is skipped with the reason. Our hooks are put in by `hookline install`. Each agent has a home and a relay of its own before one
collector, and speaks to the scripted model (`support.scripted_model`); nothing leaves the machine.

    headless   tools, denied, api_error, subagent, interrupt, resume (`scenarios.py`)
    terminal   a permission granted, one refused, Escape, exit; the session gone on with; the client killed; its terminal killed
               (`terminal_scenes.py`)
    two        two agents of one person at once, in two worktrees (`two_at_once.py`)

Compared are, by session: turns and calls with their kinds and outcomes, which are known from the scenario; their times, within a second, and
tokens, to the number, both from the session file that the client wrote (a row reads that by itself, without Hookline's own readers).
In the terminal: what the live view shows, within two seconds of each key; waits and ends, within a second. What a busy machine itself is late by
(`play.pulse`) is allowed beside the limits, and such a row says `late`.

Another agent is a module in `rows/` with one `AgentUnderTest`, and its name in `rows/__init__.py`.

    under_test.py       the record of an agent, and where it plays
    client_packages.py  clients from npm
    agent_stage.py      the collector, a home and a relay for each agent
    scenarios.py        what is done, in words that no agent has for its tools
    headless_scenes.py  runs and judges them
    terminal_scenes.py  the same with keys
    terminal_seat.py    a person's seat at a terminal, and what the live view says after each key
    two_at_once.py      two agents at once
"""
