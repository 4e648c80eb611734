"""HTTP/1.1 as all of the collector's listeners speak it: `connection` bounds one connection, `places` all of them, `server` serves an app.

OTLP/HTTP and the pages with their API differ in what they answer, never in what a stranger may cost them.
"""

from hookline_collector.serving.binding import bind, bound_address, split_address, taken
from hookline_collector.serving.places import Bounds, show_token
from hookline_collector.serving.server import HttpServer, tls_context

__all__ = ["Bounds", "HttpServer", "bind", "bound_address", "show_token", "split_address", "taken", "tls_context"]
