"""`evolve` gives what `dataclasses.replace` gives, for every record that it is used for."""

from dataclasses import dataclass, fields, replace

import pytest

from hookline.agent_event import NOWHERE, AgentEvent, BatchCall, ToolUse
from hookline.contract.events import EventKind
from hookline.fold.model import Call, Question, RuleClosing, Sent, Subagent, Turn
from hookline.records import LogRecord, SpanRecord
from hookline.system.evolve import evolve
from support.cases import with_each

EVENT = AgentEvent(1, "u", "claude-code", EventKind.OTHER, "s", tool=ToolUse("Bash"))


@pytest.mark.parametrize("record", [EVENT, ToolUse("Bash"), SpanRecord(1, 2, None, "n", 3, 4, {"a": 1}), LogRecord("u", "e", 1, {})], ids=repr)
def test_a_copy_differs_in_what_was_changed_alone(record: AgentEvent | ToolUse | SpanRecord | LogRecord) -> None:
    """Each field by itself; the record stays as it was."""
    assert evolve(record) == record and evolve(record) is not record
    for field in fields(record):
        marked = object()
        copy = evolve(record, **{field.name: marked})
        assert getattr(copy, field.name) is marked
        assert copy == replace(record, **{field.name: marked})
        assert getattr(record, field.name) is not marked


@with_each("kind", [AgentEvent, ToolUse, SpanRecord, Turn, Call, Subagent, RuleClosing, Question, Sent, BatchCall])
def test_the_records_have_slots_and_work_nothing_out(kind: type) -> None:
    """What `evolve` needs of a class."""
    assert "__slots__" in vars(kind) and not hasattr(kind, "__post_init__") and len(fields(kind)) > 1


def test_a_record_that_works_something_out_is_refused() -> None:
    """And a field that there is not."""

    @dataclass(frozen=True, slots=True)
    class Pair:
        a: int
        b: int

    with pytest.raises(TypeError):
        evolve(NOWHERE, branch="x")
    with pytest.raises(KeyError):
        evolve(Pair(1, 2), c=3)
