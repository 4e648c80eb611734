"""The agents that play, one module each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from play.agents.rows.cline_row import CLINE
from play.agents.rows.codex_row import CODEX
from play.agents.rows.copilot_row import COPILOT
from play.agents.rows.droid_row import DROID
from play.agents.rows.gemini_row import GEMINI
from play.agents.rows.kimi_row import KIMI
from play.agents.rows.opencode_row import OPENCODE
from play.agents.rows.qwen_row import QWEN
from play.agents.under_test import AgentUnderTest

AGENTS_UNDER_TEST: Final[Mapping[str, AgentUnderTest]] = {agent.name: agent for agent in (CLINE, CODEX, COPILOT, DROID, GEMINI, KIMI, OPENCODE, QWEN)}
