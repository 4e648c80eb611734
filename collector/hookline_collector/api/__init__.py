"""Pages and API: `site` builds the app, `server` serves it, `gate` and `access` decide who is let in.

`endpoint` is a row a route, from which the router and the OpenAPI description are both made.
"""
