"""A prompt as every adapter tells it: where it comes from, its length, its hash, and its text as far as the capture level lets it through."""

from __future__ import annotations

from hookline.agents.event_parts import PromptPart
from hookline.agents.measures import measure
from hookline.privacy.capture import Policy


def prompt_part(prompt: str, policy: Policy, prompt_source: str = "user", background_id: str = "") -> PromptPart:
    """Return what is said of a prompt. `background_id` is what a task's notice is about."""
    return PromptPart(prompt_source, len(prompt), measure(prompt)[1], policy.input_text(prompt), background_id)
