"""The built dashboards: as the source says, as the plugin and Grafana document their fields, and with all that a panel owes to its reader."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hookline.contract.databases import DATABASE_METRICS
from hookline.contract.services import METRICS as SERVICE_METRICS
from hookline_collector.panels.dashboard_files import built_dashboards, read_dashboard
from hookline_collector.panels.panel_macros import FORMS, MACROS, macros_of, variables_of
from hookline_dashboards.build.all_pages import BUILT, MOUNTED, all_pages, as_text
from hookline_dashboards.build.panel_kinds import statement
from support.cases import with_each

PAGES = all_pages()
STATEMENTS = sorted((BUILT.parent / "queries").rglob("*.sql"))
PLUGIN = "grafana-clickhouse-datasource"
OF_TARGET = {"datasource", "editorType", "format", "queryType", "rawSql", "refId"}
"""What the plugin documents of a query in SQL; a time series has the format 0, a table 1."""
TYPES = {"timeseries", "stat", "gauge", "bargauge", "table", "heatmap", "state-timeline", "piechart", "text"}
"""Those that Hookline's own pages draw."""
PANELS = [(uid, panel) for uid, page in PAGES.items() for panel in page["panels"]]
ASKING = [(uid, panel) for uid, panel in PANELS if panel["type"] not in ("row", "text")]


def name_of(each: Any) -> str:
    return each if isinstance(each, str) else str(each.get("id", ""))


@pytest.mark.parametrize("folder", [BUILT, MOUNTED], ids=["the package's", "the one that Grafana mounts"])
def test_what_is_built_is_what_the_source_says(folder: Path) -> None:
    """`make dashboards` writes both anew."""
    assert {path.stem: path.read_text() for path in folder.glob("*.json")} == {uid: as_text(page) for uid, page in PAGES.items()}


def test_the_collector_knows_every_dashboard() -> None:
    """It reads what was built."""
    assert set(built_dashboards()) == set(PAGES)


def test_a_uid_is_safe_in_an_address() -> None:
    """Grafana takes 40 letters."""
    assert all(re.fullmatch(r"hookline-[a-z]+", uid) and len(uid) <= 40 for uid in PAGES)


@with_each("uid", PAGES)
def test_a_dashboard_is_one_that_grafana_11_6_reads(uid: str) -> None:
    """Classic JSON of at most version 42, with a range, a refresh, and links that keep range and filters."""
    page = PAGES[uid]
    assert 36 <= page["schemaVersion"] <= 42
    assert page["title"].startswith("Hookline ")
    assert page["description"].endswith("?")
    assert page["time"]["from"].startswith("now-")
    assert page["tags"] == ["hookline"]
    [link] = page["links"]
    assert (link["type"], link["tags"], link["keepTime"], link["includeVars"]) == ("dashboards", ["hookline"], True, True)


@with_each("uid", PAGES)
def test_panels_lie_side_by_side(uid: str) -> None:
    """Each has an id of its own, none lies over another, all are within the 24 columns."""
    panels = PAGES[uid]["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells


@with_each("uid, panel", PANELS)
def test_a_panel_says_what_it_shows(uid: str, panel: dict[str, Any]) -> None:
    """A title, a description, a unit, and what it says while there is nothing."""
    assert panel["title"]
    if panel["type"] == "row":
        return
    assert panel["type"] in TYPES
    assert panel["description"].rstrip().endswith((".", "?")), panel["title"]
    if panel["type"] != "text":
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["unit"], panel["title"]
        assert len(defaults["noValue"]) > 10, panel["title"]


@with_each("uid, panel", ASKING)
def test_a_target_has_the_plugin_s_fields_and_macros(uid: str, panel: dict[str, Any]) -> None:
    """Nothing else than it documents, and each variable is one of the dashboard's, in a form that quotes it."""
    assert panel["datasource"] == {"type": PLUGIN, "uid": "${datasource}"}
    names = {each["name"] for each in PAGES[uid]["templating"]["list"]}
    for target in panel["targets"]:
        assert set(target) == OF_TARGET
        assert (target["editorType"], target["datasource"]) == ("sql", panel["datasource"])
        assert (target["format"], target["queryType"]) in ((0, "timeseries"), (1, "table"))
        assert macros_of(target["rawSql"]) <= MACROS
        assert variables_of(target["rawSql"]) <= names
        forms = re.findall(r"\$\{\w+(?::(\w+))?\}", target["rawSql"])
        assert all(form in FORMS and form for form in forms), "a variable without a form goes in raw where one value is chosen"
        assert target["format"] == 1 or "ORDER BY" in target["rawSql"], "the plugin takes no series that does not ascend"


@with_each("path", STATEMENTS)
def test_a_statement_says_what_it_answers(path: Path) -> None:
    """In its first line, where older versions of the plugin would expand a macro as well; and it is one statement that ends nowhere in between."""
    first, _, rest = f"{statement(path.parent.name, path.stem)}\n".partition("\n")
    assert first.startswith("-- ")
    assert first.rstrip(")").rstrip().endswith(("?", ".", "waiting")), first
    assert "$" not in first
    assert "--" not in rest
    assert ";" not in rest
    assert "{{" not in rest, "a fragment stands in a line of its own, with nothing behind it"
    assert max(map(len, (first, *rest.splitlines()))) <= 150


def test_a_metric_is_asked_as_what_it_is() -> None:
    """A view of one kind of points is planned sooner than that of all, and leaves other kinds out."""
    kinds = {**{name: each.kind for name, each in DATABASE_METRICS.items()}, **{each.name: each.kind for each in SERVICE_METRICS}}
    views = {"gauge": "gauge", "sum": "sum", "counter": "sum", "updown": "sum", "histogram": "histogram"}
    asked = re.compile(r"\b(gauge|sum|histogram)_values\(\s*metrics = \[([^\]]+)\]")
    of_range = re.compile(r"\[([^\]]+)\] AS of_metrics.*\{\{(sum|histogram)s_of_range\}\}", re.DOTALL)
    texts = [path.read_text() for path in STATEMENTS if path.parent.name in {"databases", "services"}]
    found = [match for text in texts for match in asked.findall(text)]
    found += [(view, listed) for text in texts for listed, view in of_range.findall(text)]
    assert len(found) > 15
    for view, listed in found:
        assert {views[kinds[name]] for name in re.findall(r"'([^']+)'", listed)} == {view}, listed


def test_every_statement_is_asked_by_something() -> None:
    """And nothing else is."""
    asked = {target["rawSql"] for _, panel in ASKING for target in panel["targets"]}
    asked |= {each["query"]["rawSql"] for page in PAGES.values() for each in page["templating"]["list"] if each["type"] == "query"}
    assert asked == {statement(path.parent.name, path.stem) for path in STATEMENTS}


@with_each("uid", PAGES)
def test_filters_are_several_values_or_all(uid: str) -> None:
    """All is the choice at first, so that a dashboard shows something."""
    for each in PAGES[uid]["templating"]["list"]:
        if each["type"] == "query":
            assert (each["multi"], each["includeAll"], each["refresh"]) == (True, True, 2)
            assert each["current"]["value"] == "$__all"
            assert set(each["query"]) == {"editorType", "rawSql"}


def test_a_dashboard_is_read_with_its_filters() -> None:
    """As its JSON has them."""
    page = read_dashboard(as_text(PAGES["hookline-collector"]).encode())
    assert page.panels[1].title == "Items received, stored and lost"
    assert page.panels[5].least_interval_ms == 60_000
