"""ClickHouse: a server, and the embedded engine where a collector serves it over ClickHouse's HTTP interface.

http_link     one statement at a time over HTTP, with time-outs
readers       rows as samples, points and events: pure
watch         one server's task
checks        `hookline db check`
"""
