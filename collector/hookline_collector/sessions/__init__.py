"""Sessions at the live edge.

evidence        which of two records of an end counts
facts           what is known of a session, whatever the order in which it came; `spans` are the intervals in it
state           what a session is at a moment: of `turns`, `waits`, `background_work`, and what the machine was `asleep`
live_sessions   all sessions; `process` looks whether their processes live
cleanup         closes what no event will close
rebuild         brings the sessions back after a restart
"""

from hookline_collector.sessions.live_sessions import LiveSessions
from hookline_collector.sessions.state import RunningCall, RunningSubagent, SessionState, SessionView, view

__all__ = ["LiveSessions", "RunningCall", "RunningSubagent", "SessionState", "SessionView", "view"]
