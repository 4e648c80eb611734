"""Blocks of work, as a report has them and as they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from hookline.system.clock import NS_PER_S

MOST_PROMPTS = 50_000
"""Where blocks have more prompts together, a report that names few names none: nobody reads them, and they are nearly all of what it costs."""


class BlockNames(StrEnum):
    """What blocks name: everything; no prompts where these are many; or nothing but the project that they are of."""

    ALL = "all"
    FEW = "few"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Block:
    """A maximal run of one person's work within a local day. `start_ns` to `end_ns` holds gaps up to the idle gap, `wall_s` does not.

    With `correction_ids` it is what these corrections made of one, or added; its clocks are None where it is only a piece of what was measured.
    `prompts_left_out` says how many prompts it does not name.
    """

    user: str
    day: str
    start_ns: int
    end_ns: int
    wall_s: float | None
    human_s: float | None
    agent_s: float | None
    agent_once_s: float | None
    projects: tuple[str, ...]
    branches: tuple[str, ...]
    sessions: tuple[str, ...]
    prompts: tuple[str, ...]
    commits: tuple[str, ...]
    correction_ids: tuple[str, ...] = ()
    prompts_left_out: int = 0

    @property
    def prompts_total(self) -> int:
        """How many prompts it has, named or not."""
        return len(self.prompts) + self.prompts_left_out

    @property
    def duration_s(self) -> float:
        """From start to end."""
        return (self.end_ns - self.start_ns) / NS_PER_S


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One block as it is told: when, whose, how long, and what stands behind it."""

    day: str
    started_ns: int
    ended_ns: int
    user: str
    projects: tuple[str, ...]
    branches: tuple[str, ...]
    duration_s: float
    rounded_s: float
    wall_s: float | None
    human_s: float | None
    agent_s: float | None
    session_ids: tuple[str, ...]
    prompt_ids: tuple[str, ...]
    revisions: tuple[str, ...]
    correction_ids: tuple[str, ...]
    prompt_ids_total: int


def row_of(block: Block, rounded_s: float) -> BlockRow:
    """Return a block as it is told, with its length as an invoice has it."""
    return BlockRow(
        day=block.day,
        started_ns=block.start_ns,
        ended_ns=block.end_ns,
        user=block.user,
        projects=block.projects,
        branches=block.branches,
        duration_s=block.duration_s,
        rounded_s=rounded_s,
        wall_s=block.wall_s,
        human_s=block.human_s,
        agent_s=block.agent_s,
        session_ids=block.sessions,
        prompt_ids=block.prompts,
        revisions=block.commits,
        correction_ids=block.correction_ids,
        prompt_ids_total=block.prompts_total,
    )


def with_few_prompts(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return blocks as they are, or, of too many prompts, without naming any."""
    if sum(block.prompts_total for block in blocks) <= MOST_PROMPTS:
        return tuple(blocks)
    return tuple(replace(block, prompts=(), prompts_left_out=block.prompts_total) for block in blocks)
