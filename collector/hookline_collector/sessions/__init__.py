"""Sessions at the live edge.

`sighting` reads facts out of telemetry, `evidence` says which of two tellings of an end counts, `facts` keeps them per session whatever their
order (`spans` are the intervals among them), `state` computes what a session is at a moment (of `turns`, `waits`, what goes on in the
`background`, what the machine was `asleep`), `live` holds all sessions, `process` looks whether their processes live, `cleanup` closes what no
event will close, `rebuild` brings the sessions back after a restart.
"""

from hookline_collector.sessions.live_sessions import LiveSessions
from hookline_collector.sessions.state import Running, SessionState, SessionView, view

__all__ = ["LiveSessions", "Running", "SessionState", "SessionView", "view"]
