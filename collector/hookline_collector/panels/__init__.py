"""The panels of the dashboards, answered here: our own pages draw them from the same JSON and the same SQL as Grafana does.

    dashboards/queries/*.sql ──(make dashboards)──▶ built/<uid>.json ──▶ Grafana, whose ClickHouse plugin expands the macros
                                                        └──▶ `dashboard_files` ──▶ `panel_macros` ──▶ a person's query ──▶ `panel_answer`

- **A browser names a panel, never a statement.** What comes with the name (range, interval, values of the filters) is checked, and the values are
  bound as parameters: no text of a request becomes SQL.
- **The macros mean what the plugin says they mean**, letter by letter; only the filters' values differ, which the plugin puts into the text.
- A statement runs as any person's does: read-only, with the limits of `store.query_*`, judged by the same guard.
- Without the package `hookline_dashboards` a collector works and has no dashboards.
"""
