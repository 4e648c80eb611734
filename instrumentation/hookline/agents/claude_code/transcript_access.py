"""Claude Code's transcripts behind the protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hookline.agent_event import AgentEvent, Place
from hookline.agents.claude_code.conversation import ConversationReader
from hookline.agents.claude_code.forks import Copy, continued, copied_part
from hookline.agents.claude_code.seen import KINDS, SeenReader
from hookline.agents.claude_code.transcript_files import conversations, transcripts_root
from hookline.agents.claude_code.usage import UsageReader, record
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment, SignReader
from hookline.contract import semconv
from hookline.records import LogRecord
from hookline.system.json_lines import parse_line, read_lines

BATCH = 200


class ClaudeTranscripts:
    """Files below `projects/`, a subagent's beside its session's."""

    def root(self, env: Mapping[str, str]) -> Path:
        """Return the folder in which they lie."""
        return transcripts_root(env)

    def conversations(self, root: Path) -> Iterator[Conversation]:
        """Yield every conversation under the root, the oldest first."""
        return conversations(root)

    def history(self, conversation: Conversation, marks: Mapping[Path, Mark], around: ReaderEnvironment) -> ConversationReader:
        """Return the reader of a conversation's history."""
        return ConversationReader(conversation, marks, around)

    def is_main(self, path: str) -> bool:
        """Whether a path can be that of a main transcript."""
        return path.endswith(".jsonl") and "\0" not in path

    def of_subagents(self, main: Path) -> Sequence[tuple[Path, str]]:
        """Return the transcripts of a session's subagents, with the agents' ids."""
        found = sorted((main.with_suffix("") / "subagents").glob("agent-*.jsonl"))
        return [(path, path.stem.removeprefix("agent-")) for path in found]

    def usage(self, path: Path, offset: int, event: AgentEvent) -> Iterator[tuple[list[LogRecord], int]]:
        """Yield records of tokens behind an offset; the first of a fork says which session it goes on from."""
        copy = Copy() if offset else copied_part(path)
        for logs, end in new_requests(path, max(offset, copy.end), event.session_id, event.place):
            if copy.session_id:
                logs.insert(0, continued(event.session_id, copy.session_id, event.time_ns, event.place.attributes))
                copy = Copy()
            yield logs, end

    def signs(self, session_id: str, main: Path, agent_id: str) -> SignReader:
        """Return the reader of what a live transcript shows."""
        return SeenReader(session_id, str(main), agent_id)

    def may_show(self, line: bytes) -> bool:
        """Whether a line is of a kind that shows anything."""
        return any(kind in line for kind in KINDS)


def new_requests(path: Path, offset: int, session_id: str, place: Place) -> Iterator[tuple[list[LogRecord], int]]:
    """Yield batches of the requests behind an offset, each with the offset up to which it is complete."""
    reader, prompt_id, logs, end = UsageReader(), "", list[LogRecord](), offset
    shared = {semconv.HOOK_EVENT: "transcript", **place.attributes}
    for line in read_lines(path, offset):
        parsed = parse_line(line.text)
        prompt_id = str(parsed.get("promptId") or prompt_id)
        logs += [record(request, session_id, shared) for request in reader.read(parsed, prompt_id)]
        end = line.end
        if len(logs) >= BATCH:
            yield logs, end
            logs = []
    if end > offset:
        yield logs, end
