"""One spool file as an `AgentEvent`: its agent's adapter with what this machine knows of places and processes.

The hook gives the agent's pid; when that process was created is looked up here, once a session and process, so that a
pid that comes round again is another process. A pid from another host (a container that shares the data folder) means
nothing here and is left out.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace

from hookline.agent_event import Place
from hookline.agents import AgentEvent, agent_named, event_of
from hookline.privacy.capture import Policy
from hookline.spool import SpoolEvent
from hookline.spool.event_file import parse_payload
from hookline.system.clock import NS_PER_S
from hookline.system.process import ProcessKey, format_created, identify

MAX_PROCESSES = 1_000


class SpoolAdapter:
    """Adapts events, remembering processes."""

    def __init__(
        self,
        locate: Callable[[str], Place],
        capture: Callable[[Place], Policy],
        host: str = "",
        find_process: Callable[[int, float], ProcessKey | None] = identify,
    ) -> None:
        self._locate = locate
        self._capture = capture
        self._host = host or socket.gethostname()
        self._find_process = find_process
        self._created: dict[tuple[str, int], str] = {}

    def __call__(self, file: SpoolEvent) -> AgentEvent:
        """Return the file's event; raises Rejected when its payload cannot be used."""
        event = event_of(parse_payload(file.payload), file.env, file.time_ns, file.uid, self._locate, self._capture)
        event = agent_named(event.agent).completed(event)
        if event.pid is not None and file.env.get("host", self._host) != self._host:
            return replace(event, pid=None)
        created = self._find_created(event)
        return replace(event, process_created=created) if created else event

    def remember(self, session_id: str, pid: int, created: str) -> None:
        """Take up what an earlier life of the relay found."""
        self._created[session_id, pid] = created

    def _find_created(self, event: AgentEvent) -> str:
        if event.pid is None:
            return ""
        key = (event.session_id, event.pid)
        if not self._created.get(key):
            if len(self._created) >= MAX_PROCESSES:
                self._created.clear()
            found = self._find_process(event.pid, event.time_ns / NS_PER_S)
            self._created[key] = format_created(found.created_s) if found else ""
        return self._created[key]
