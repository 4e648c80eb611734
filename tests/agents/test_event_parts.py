"""Parts of an event are parts of `AgentEvent`."""

import dataclasses
import typing

from hookline.agent_event import AgentEvent
from hookline.agents import event_parts
from hookline.agents.event_parts import EventPart, NoticePart, said
from support.cases import with_each

PARTS = typing.get_args(EventPart)


@with_each("part", PARTS)
def test_a_parts_fields_are_those_of_an_event(part: type) -> None:
    """By name; and what a part may say an event may hold."""
    of_event = typing.get_type_hints(AgentEvent)
    for name, kind in typing.get_type_hints(part).items():
        assert name in of_event
        assert set(typing.get_args(kind) or (kind,)) <= set(typing.get_args(of_event[name]) or (of_event[name],)) | {of_event[name]}, name


def test_every_part_is_in_the_union() -> None:
    """A part that is forgotten there could be given to no event."""
    assert {kind for kind in vars(event_parts).values() if dataclasses.is_dataclass(kind) and str(kind).endswith("Part'>")} == set(PARTS)


def test_a_part_is_said_in_its_fields() -> None:
    """Also one of a single field, and none."""
    assert said(NoticePart("idle_prompt")) == {"notification_type": "idle_prompt"}
    assert said(None) == {}
