"""Where a cell of a table leads to."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import quote

from hookline_dashboards.build.plugin_query import PLUGIN

_SPANS: Final = (
    "SELECT TraceId AS traceID, SpanId AS spanID, ParentSpanId AS parentSpanID, ServiceName AS serviceName, SpanName AS operationName, "
    "Timestamp AS startTime, Duration / 1000000 AS duration FROM otel_traces WHERE TraceId = '$TRACE' ORDER BY Timestamp LIMIT 10000"
)
_FIELD: Final = "${__data.fields.trace}"


def _explore() -> str:
    """Return the address of a trace in Grafana's Explore: format 3 of the plugin is a trace."""
    source = {"type": PLUGIN, "uid": "${datasource}"}
    asks = {"refId": "A", "datasource": source, "editorType": "sql", "format": 3, "queryType": "traces", "rawSql": _SPANS}
    pane = {"datasource": "${datasource}", "queries": [asks], "range": {"from": "now-30d", "to": "now"}}
    text = quote(json.dumps({"a": pane}, separators=(",", ":"))).replace(quote("${datasource}"), "${datasource}")
    return f"/explore?schemaVersion=1&panes={text.replace(quote('$TRACE'), _FIELD)}"


IN_SESSION: Final = {"title": "Its session", "url": "/d/hookline-sessions?var-session=${__data.fields.session}&from=${__from}&to=${__to}"}
IN_TRACE: Final = {"title": "Its trace", "url": _explore()}
TO_SERVICE: Final = {"title": "This service", "url": "/d/hookline-services?var-service=${__data.fields.place}&from=${__from}&to=${__to}"}
TO_REQUEST: Final = {"title": "This request", "url": "/d/hookline-services?var-request=${__data.fields.request}&from=${__from}&to=${__to}"}
TO_DATABASE: Final = {"title": "This database", "url": "/d/hookline-databases?var-database=${__data.fields.place}&from=${__from}&to=${__to}"}
TO_STATEMENT: Final = {
    "title": "This statement",
    "url": "/d/hookline-databases?var-statement=${__data.fields.statement}&var-of=${__data.fields.place}&from=${__from}&to=${__to}",
}
