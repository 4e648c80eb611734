"""Hookline's dashboards: Python that builds them, the SQL of their panels, and the JSON that was built.

    queries/<dashboard>/<panel>.sql ─┐  (with what several share from fragments/)
    build/<dashboard>_page.py ───────┴─(make dashboards)──▶ built/<uid>.json
                                                          └▶ dashboards/grafana/dashboards/hookline/<uid>.json, the folder that Grafana mounts

- **One definition**: Grafana and Hookline's own pages draw the same JSON with the same SQL. A test fails when built and source differ.
- **A statement is a file**, whose first line says what it answers. It uses the macros and variables of Grafana's ClickHouse plugin, outside strings
  and comments, and reads the views by name, by those of their forms that take a range of days. What several statements
  begin from stands once, in `fragments/`; Grafana has no such thing, so it is put in when the dashboards are built.
- **A panel is a line of Python** that says what it shows, in which unit, and what it says when there is nothing to show (`build/panel_kinds.py` has
  the few kinds there are, docs/dashboards.md what of them Hookline's pages draw).
- The Grafana Foundation SDK is needed to build, not to run: what is built is data.
"""
