"""Every page in a real browser, on what real hooks told: it draws, it answers to hand and key, and whatever a name says stays a text.

The whole walk, in light and dark, wide and narrow, to the end of each page, is `test_page_walk.py`.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from hookline.cli.duration import hours
from support.hostile_names import HOSTILE
from support.page_walk import coloured, look_at, until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.long]
SQL = "SELECT tool, count() AS calls FROM tool_calls GROUP BY tool ORDER BY calls DESC"
PAINTED = """async (source) => {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [picture.width, picture.height];
  const pen = canvas.getContext('2d');
  pen.drawImage(picture, 0, 0);
  const {data} = pen.getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let at = 0; at < data.length; at += 4)
    found += Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2]) > 30;
  return found;
}"""
"""How many pixels of a picture have a colour."""
CALLS = ".panel-stat .stat:first-child dd"


def test_a_statement_is_drawn_as_table_and_chart_and_its_address_shares_it(page: Page) -> None:
    """And the name of a tool that looks like markup is a text in both."""
    look_at(page, f"/explore?sql={SQL.replace(' ', '%20')}")
    page.wait_for_selector("td")
    assert HOSTILE in page.locator("td").all_inner_texts()
    page.click("text=Chart")
    until(page, "document.querySelector('#main canvas')")
    assert min(coloured(page).values()) > 100
    assert "view=chart" in page.url
    for name, kind in (("PNG", b"\x89PNG"), ("CSV", b"tool")):
        with page.expect_download() as saved:
            page.click(f"#main button >> text={name}")
        assert saved.value.path().read_bytes().startswith(kind)
    assert page.evaluate("document.images.length") == page.evaluate("document.querySelectorAll('.brand img').length")
    assert page.title() == "Explore · Hookline"
    page.go_back()
    until(page, "!location.search.includes('view=chart')")


def test_status_says_that_all_parts_work_and_what_came(page: Page) -> None:
    """A part and a sum that are well need no command."""
    page.goto("/status")
    page.wait_for_selector(".verdict[data-state=good]")
    assert page.inner_text(".verdict h2") == "All parts work"
    assert {"traces", "logs"} <= set(page.locator("tbody td:first-child").all_inner_texts())


def test_a_filter_changes_the_figures_and_stands_in_the_address(page: Page) -> None:
    """Of all calls those of one tool; a link to it shows the same, and it is taken away again."""
    look_at(page, "/latency")
    every = int(page.inner_text(CALLS))
    page.click(".filter button:has-text('Tool')")
    page.click(".filter-box label:has-text('Grep')")
    until(page, f"document.querySelector('{CALLS}').innerText !== '{every}'")
    assert "var.tool=Grep" in page.url
    of_grep = int(page.inner_text(CALLS))
    assert 0 < of_grep < every
    page.reload()
    page.wait_for_selector(CALLS)
    assert int(page.inner_text(CALLS)) == of_grep
    page.click(".filters >> text=Clear")
    until(page, f"document.querySelector('{CALLS}').innerText === '{every}'")


def test_gauges_and_bars_are_drawn_too(page: Page) -> None:
    """Which a dashboard may have, and ours have elsewhere or not yet: figures as gauges, each with its value, and shares as bars."""

    def told_otherwise(route: Route) -> None:
        whole = page.request.get(route.request.url).json()
        for panel in whole["panels"]:
            panel["type"] = {1: "gauge", 6: "barchart"}.get(panel["id"], panel["type"])
        route.fulfill(json=whole)

    look_at(page, "/latency")
    every = page.inner_text(CALLS)
    page.route("**/api/v1/dashboards/hookline-latency", told_otherwise)
    look_at(page, "/latency")
    page.locator(".gauge").first.wait_for()
    assert page.locator(".gauge").count() == 5
    assert page.locator(".gauge").first.get_attribute("aria-label") == f"calls: {every}"
    until(page, "document.querySelector('[aria-label=\"Where calls take long\"] .chart-place[data-drawn]') !== null")
    assert coloured(page)["Where calls take long"] > 100


def test_a_drag_over_a_chart_changes_the_range_and_back_leads_out(page: Page) -> None:
    """Everything on the page is asked for in the new range, pixels are drawn, and what is pointed at in one chart is marked in the others."""
    look_at(page, "/latency")
    until(page, "document.querySelectorAll('#main .chart-place[data-drawn]').length > 1")
    drawn = coloured(page)
    assert drawn["How long tool calls take"] > 100
    box = page.locator("[aria-label='How long tool calls take'] .chart-place").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60)
    page.wait_for_selector(".chart-cross:not([hidden])", state="attached")
    told = page.locator("[aria-label='How long tool calls take'] .tip")
    told.wait_for()
    assert any(name in told.inner_text() for name in ("p50", "p95", "p99"))
    assert page.locator("[aria-label='How many calls took how long'] .chart-cross").get_attribute("hidden") is None
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 60, steps=4)
    page.mouse.up()
    until(page, "/from=\\d+&to=\\d+/.test(location.search)")
    found = re.search(r"from=(\d+)&to=(\d+)", page.url)
    assert found is not None
    assert 3 * 3_600_000 < int(found[2]) - int(found[1]) < 12 * 3_600_000
    until(page, "document.querySelectorAll('#main .panel.old').length === 0")
    assert any(f"from={found[1]}" in url for url in asked if "/panels/" in url)
    page.go_back()
    until(page, "!location.search.includes('from=')")
    assert page.inner_text(".range-now") == "Last 24 hours"


def test_a_dashboard_without_anything_says_once_how_to_begin(page: Page) -> None:
    """And shows its panels when that is wanted."""
    none: dict[str, dict[str, dict[str, list[str]]]] = {
        "variables": {name: {"values": []} for name in ("service", "person", "project", "agent", "tool", "model")}
    }
    page.route("**/variables*", lambda route: route.fulfill(json=none))
    for path, words in (("/services", "hookline.instrument(app)"), ("/latency", "Today")):
        look_at(page, path)
        page.wait_for_selector("#main .empty")
        assert words in page.inner_text("#main .empty")
        assert page.locator("#main .panel").count() == 0
    page.click("text=Show the panels")
    page.wait_for_selector("#main .panel")


def test_today_begins_with_databases_and_services_where_no_agent_was_watched(page: Page) -> None:
    """Each with what was found, and the way to it; whoever has neither is told how to begin, as ever."""
    summary = page.request.get("/api/v1/summary").json() | {"has_data": False}
    page.route("**/api/v1/summary*", lambda route: route.fulfill(json=summary))
    look_at(page, "/")
    page.wait_for_selector("section[aria-label=Databases] tbody tr")
    named = page.request.get("/api/v1/databases?period=1h").json()["databases"]
    told = page.inner_text("section[aria-label=Databases]")
    assert named
    assert all(each["database"] in told and each["verdict_class"] in told for each in named[:8])
    assert page.locator("section[aria-label=Services] tbody tr").count() > 0
    assert "No agent has been watched yet" in page.inner_text("#main .empty")
    page.click(f"section[aria-label=Databases] >> text={named[0]['database']}")
    page.wait_for_selector("h2 >> text=" + named[0]["database"])
    page.route("**/api/v1/databases*", lambda route: route.fulfill(json={"databases": [], "is_fresh": True}))
    page.route("**/api/v1/services*", lambda route: route.fulfill(json={"services": [], "is_fresh": True}))
    look_at(page, "/")
    page.wait_for_selector("#main .empty")
    assert "Nothing has arrived yet" in page.inner_text("#main .empty")


def test_a_panel_is_saved_as_png_and_csv_and_read_as_a_table(page: Page) -> None:
    """The picture has the panel's lines, not only its axes; the file and the table have its numbers."""
    look_at(page, "/latency")
    until(page, "document.querySelector('[aria-label=\"How long tool calls take\"] .chart-place[data-drawn]')")
    panel = page.locator("[aria-label='How long tool calls take']")
    for name, begins in (("PNG", b"\x89PNG\r\n\x1a\n"), ("CSV", b"t,p50,p95,p99\n")):
        panel.locator(".menu-button").click()
        with page.expect_download() as saved:
            panel.locator(".menu-box >> text=" + name).click()
        assert saved.value.suggested_filename == f"How long tool calls take.{name.lower()}"
        content = saved.value.path().read_bytes()
        assert content.startswith(begins)
        if name == "PNG":
            assert page.evaluate(PAINTED, f"data:image/png;base64,{b64encode(content).decode()}") > 100
        else:
            assert content.count(b"\n") > 3
    panel.locator(".menu-button").click()
    panel.locator("text=As a table").click()
    panel.locator("td").first.wait_for()
    panel.locator(".menu-button").click()
    assert panel.locator(".menu-box >> text=PNG").count() == 0


def test_a_page_moves_on_by_itself_unless_that_is_off(page: Page) -> None:
    """A range that ends now is asked for again as time goes on."""
    page.clock.install()
    look_at(page, "/collector")
    with page.expect_request("**/panels/**"):
        page.clock.fast_forward(120_000)
    look_at(page, "/collector?refresh=off")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.fast_forward(600_000)
    page.wait_for_timeout(500)
    assert [url for url in asked if "/panels/" in url] == []


def test_the_range_is_chosen_from_a_list(page: Page) -> None:
    """Its words stand at the top."""
    look_at(page, "/collector")
    page.click(".range-now")
    page.click("text=Last hour")
    until(page, "location.search.includes('from=now-1h')")
    assert page.inner_text(".range-now") == "Last hour"


def test_work_time_and_sessions_have_their_dashboards_beside_them(page: Page) -> None:
    """A step to the charts and back; both are found by name."""
    for path, name in (("/work", "Work time"), ("/sessions", "Sessions")):
        look_at(page, path)
        page.click(".views >> text=Charts")
        until(page, "location.search === '?view=charts' && document.querySelector('#main .grid .panel')")
        page.keyboard.press("Control+k")
        page.wait_for_selector("dialog[open] input:focus")
        page.keyboard.type(f"{name.lower()}: charts")
        page.wait_for_selector(f"[role=option][aria-selected=true]:has-text('{name}: charts')")
        page.keyboard.press("Escape")
        page.go_back()
        until(page, "location.search === ''")


def test_keys_alone_find_every_page(page: Page) -> None:
    """The first stop leads past the navigation; Ctrl K finds a page and a project; g and a letter go."""
    look_at(page, "/status")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Control+k")
    page.wait_for_selector("dialog[open] input:focus")
    page.keyboard.type("explo")
    page.keyboard.press("Enter")
    until(page, "location.pathname === '/explore'")
    until(page, "document.activeElement.id === 'main'")
    page.keyboard.press("g")
    page.keyboard.press("u")
    until(page, "location.pathname === '/status'")
    page.keyboard.press("Control+k")
    page.wait_for_selector("dialog[open] input:focus")
    page.keyboard.type("docs project")
    page.wait_for_selector("[role=option][aria-selected=true]:has-text('docs')")
    page.keyboard.press("Enter")
    until(page, "location.pathname === '/sessions' && location.search === '?project=docs'")
    page.wait_for_selector(".session-rows tbody tr")
    assert {text.split("\n")[0] for text in page.locator(".session-rows td:first-child").all_inner_texts()} == {"docs"}


def test_a_theme_is_chosen_and_kept(page: Page) -> None:
    """Also when the page is loaded again."""
    look_at(page, "/status")
    page.click("[aria-label=Dark]")
    page.reload()
    page.wait_for_selector("[aria-label=Dark][aria-pressed=true]")
    assert page.evaluate("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])") < 60


def test_a_collector_that_stops_answering_is_said_with_the_age_of_the_figures(page: Page, complaints: list[str]) -> None:
    """And it is taken back when it answers again."""
    look_at(page, "/status")
    page.wait_for_selector(".reach[data-state=live]")
    page.context.set_offline(True)
    page.wait_for_selector(".reach[data-state=lost]")
    assert re.match(r"Not answering; as of \d\d:\d\d:\d\d", page.inner_text(".reach"))
    page.wait_for_selector("#main .problem")
    assert "hookline up --detach" in page.inner_text("#main .problem")
    page.context.set_offline(False)
    page.wait_for_selector(".reach[data-state=live]")
    assert all("ERR_INTERNET_DISCONNECTED" in each for each in complaints)
    complaints.clear()


def test_a_line_ends_where_an_interval_has_nothing(page: Page) -> None:
    """Unless its panel says that it spans; what stands alone is a dot."""
    look_at(page, "/status")
    [broken, spanning] = page.evaluate(
        """async () => {
        const {timeSeries} = await import('/assets/panels/panel_charts.js');
        const series = [{name: 'a', points: [[0, 1], [1, 2], [2, null], [3, 4]]}, {name: 'b', points: [[1, 5]]}];
        const panel = (spanNulls) => ({fieldConfig: {defaults: {custom: {drawStyle: 'line', spanNulls}}, overrides: []}, options: {}});
        const drawn = (spanNulls) => timeSeries(panel(spanNulls), series, {fromMs: 0, toMs: 3})(() => '').series
          .map((each) => [each.connectNulls, each.data.map((point) => [point.value ?? point, point.symbol])]);
        return [drawn(false), drawn(true)];
        }"""
    )
    line = [[[0, 1], None], [[1, 2], None], [[2, None], None], [[3, 4], "circle"]]
    alone = [[[0, None], None], [[1, 5], "circle"], [[2, None], None], [[3, None], None]]
    assert broken == [[False, line], [False, alone]]
    assert [connects for connects, _ in spanning] == [True, True]


def test_an_axis_of_bytes_or_counts_has_whole_ones_and_small_shares_differ(page: Page) -> None:
    """Also where there is nothing to show but zeros; no two marks say the same."""
    look_at(page, "/status")
    axes = page.evaluate(
        """async (tops) => {
        const {timeSeries} = await import('/assets/panels/panel_charts.js');
        const panel = {fieldConfig: {defaults: {unit: 'bytes'}, overrides: []}, options: {}};
        const axis = (top) => timeSeries(panel, [{name: 'a', points: [[0, 0], [60000, top]]}], {fromMs: 0, toMs: 60000})(() => '').yAxis[0];
        return tops.map(axis).map(({interval, max}) => [interval, max]);
        }""",
        [0, 1, 3, 5000],
    )
    assert axes == [[1, 1], [1, 1], [1, 3], [2048, 6144]]
    least = page.evaluate(
        """async (values) => {
        const {timeSeries} = await import('/assets/panels/panel_charts.js');
        const panel = {fieldConfig: {defaults: {unit: 'short'}, overrides: [{matcher: {id: 'byName', options: 'b'},
          properties: [{id: 'custom.axisPlacement', value: 'right'}]}]}, options: {}};
        const shown = values.map((value, place) => ({name: 'ab'[place], points: [[0, null], [60000, value]]}));
        return timeSeries(panel, shown, {fromMs: 0, toMs: 60000})(() => '').yAxis.map((axis) => axis.minInterval ?? 0);
        }""",
        [0.5, 2],
    )
    assert least == [0, 1]
    marks = page.evaluate(
        """async (values) => {
        const {axisValue} = await import('/assets/panels/panel_charts.js');
        return values.map((value) => axisValue(value, {unit: 'percentunit'}));
        }""",
        [0, 0.0005, 0.001, 0.0015, 0.125, 1],
    )
    assert marks == ["0 %", "0.05 %", "0.1 %", "0.15 %", "12.5 %", "100 %"]


AS_INTL = """async () => {
  const format = await import('/assets/app/format.js');
  const time = {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'};
  const forms = {
    clock: time, clockSeconds: {...time, second: '2-digit'}, clockMillis: {...time, second: '2-digit', fractionalSecondDigits: 3},
    day: {weekday: 'short', day: 'numeric', month: 'short'}, longDay: {weekday: 'long', day: 'numeric', month: 'long', year: 'numeric'},
  };
  const wrong = [];
  for (const [name, options] of Object.entries(forms)) {
    const intl = new Intl.DateTimeFormat('en-GB', options);
    for (let at = 1.77e12; at < 1.81e12; at += 7.654321e7) {
      const [ours, theirs] = [format[name](at), intl.format(at).replace(',', '')];
      if (ours !== theirs) wrong.push([name, at, ours, theirs]);
    }
  }
  for (const number of [0, 7, 999, 1000, -999, -1000, 12345.6, 1234567, -9876543210])
    if (format.count(number) !== Math.round(number).toLocaleString('en').replaceAll(',', '\u202f')) wrong.push(number);
  if (format.zone() !== Intl.DateTimeFormat().resolvedOptions().timeZone) wrong.push(format.zone());
  return wrong;
}"""


def test_pages_write_moments_and_numbers_as_the_browser_would(page: Page) -> None:
    """By hand, since the browser's own way takes long to begin: over every month, day of the week and change of the clocks."""
    look_at(page, "/status")
    assert page.evaluate(AS_INTL) == []


def test_pages_write_hours_as_the_command_does(page: Page) -> None:
    """Some seconds are not none; and no tokens at all are what nobody told."""
    look_at(page, "/status")
    values = [0.004, 7, 59.9, 60, 89, 91, 9_660, 360_000]
    written = page.evaluate(
        "async (values) => (await import('/assets/app/format.js')).hours && values.map((await import('/assets/app/format.js')).hours)", values
    )
    assert written == [hours(value) for value in values]
    assert page.evaluate("import('/assets/app/format.js').then(({tokens}) => [tokens(0), tokens(null), tokens(12)])") == ["–", "–", "12"]
    pairs = [[10, 20], [10, 300], [60, 61], [1_800, 3_240], [0, 0]]
    shown = page.evaluate("(pairs) => import('/assets/app/format.js').then(({hoursBetween}) => pairs.map((each) => hoursBetween(...each)))", pairs)
    assert shown == ["< 1 m", "up to 0:05", "0:01", "0:30–0:54", "0:00"]
