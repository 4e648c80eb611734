"""Sessions at the live edge.

`sighting` reads facts out of telemetry, `facts` keeps them per session whatever their order, `state` computes what a session
is at a moment, `live` holds all sessions, `cleanup` closes what no event will close, `rebuild` brings the sessions back
after a restart.
"""

from hookline_collector.sessions.live import LiveSessions
from hookline_collector.sessions.state import SessionView, State, view

__all__ = ["LiveSessions", "SessionView", "State", "view"]
