"""Today, Live, Work time, Sessions and a session in a real browser: figures are the API's, changes arrive by themselves, keys and addresses work."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from support.agent_records import T0, S, event
from support.cases import by_portions
from support.hostile_names import HOSTILE
from support.many_spans import ten_thousand_spans
from support.page_walk import ZONE, until
from support.running import Running
from support.shown_days import PROTOBUF, Told, place, requests_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.long]
WRITER = "boss <b>"
PAINTED = """(() => {
  const canvas = document.querySelector('.band canvas');
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  let pixels = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] > 0) pixels += 1;
    if (data[at + 3] === 255) colours.add(`rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`);
  }
  const isMissing = (each) => !colours.has(getComputedStyle(each.querySelector('i')).backgroundColor);
  return {pixels, missing: [...document.querySelectorAll('.band-key span')].filter(isMissing).map((each) => each.innerText)};
})()"""
"""How many pixels of a band are painted, and what stands in its legend with a colour that none of them has: a project may only have waited."""


def ask(page: Page, path: str) -> Any:
    """Ask the API as the page does: the tests run inside Playwright's event loop, where nothing may block."""
    return page.request.get(f"/api/v1/{path}").json()


def tell(page: Page, shown: Running, told: list[Told]) -> None:
    """Tell the collector something over OTLP."""
    for path, body in requests_of(told):
        page.request.post(f"http://{shown.found.otlp_http}{path}", data=body, headers=PROTOBUF)


def hours(seconds: float) -> str:
    """Return a sum of hours as the pages write it."""
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def ready(page: Page, path: str) -> None:
    """Open a page and wait until nothing on it is still to come."""
    page.goto(path)
    page.wait_for_selector("main")
    page.wait_for_selector(".skeleton", state="detached")


def test_a_zone_under_another_of_its_names_is_the_same(browser: Browser, shown: Running) -> None:
    """A browser says Asia/Calcutta where the system says Asia/Kolkata: the figures of the summary are those of its day."""
    context = browser.new_context(timezone_id="Asia/Calcutta", base_url=shown.found.url)
    context.request.get(f"/?token={shown.client.token}")
    page = context.new_page()
    page.route("**/api/v1/summary*", lambda route: route.fulfill(json={**route.fetch().json(), "timezone": "Asia/Kolkata"}))
    reports: list[str] = []
    page.on("request", lambda request: reports.append(request.url) if "/reports/work" in request.url else None)
    ready(page, "/")
    assert page.locator(".figures .tile").count() > 3
    assert reports == []
    page.unroute_all(behavior="ignoreErrors")
    context.close()


def test_today_shows_the_figures_of_the_api_and_a_band_with_pixels(page: Page) -> None:
    """One definition: what a tile says is a field of a report; the band has the colours of its legend, and a table behind it says the same."""
    ready(page, "/")
    totals = ask(page, f"reports/work?period=today&timezone={ZONE}")["totals"]
    tiles = dict(zip(page.locator(".figures .tile h3").all_inner_texts(), page.locator(".figures .figure").all_inner_texts(), strict=False))
    shown_cost = next(value for name, value in tiles.items() if name.startswith("Cost"))
    assert shown_cost == f"${totals['cost_usd']:.2f}"
    assert page.locator(".now-list .needs").first.inner_text().startswith("api")
    assert "waits for your permission" in page.locator(".now-list li").first.inner_text()
    painted = page.evaluate(PAINTED)
    assert painted["pixels"] > 3000
    assert not set(painted["missing"]) & {"you, estimated", "api", "shop", "waits for your permission or answer", "waits for your prompt"}
    bands = ask(page, f"bands?period=today&timezone={ZONE}")
    blocks = page.locator(".band table tr", has_text="block of").all_inner_texts()
    assert len(blocks) == len(bands["blocks"])
    assert f"block of {hours(bands['blocks'][0]['duration_s'])}" in blocks[0]
    assert page.locator(".band table tr", has_text="the machine slept").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_band_of_more_than_can_be_drawn_is_added_up_says_so_and_a_click_looks_closer(page: Page) -> None:
    """All of the day, without blocks; as a collector answers that may tell no more than three stretches one by one."""
    page.route("**/api/v1/bands*", lambda route: route.fulfill(json=page.request.get(route.request.url.replace("limit=5000", "limit=3")).json()))
    ready(page, "/")
    bands = ask(page, f"bands?period=today&timezone={ZONE}&limit=3&columns=720")
    assert bands["column_s"] == 120
    assert "added up by 2 m 00 s" in page.locator(".band-card .note").last.inner_text()
    assert (page.locator(".band-names span").count(), page.locator(".band table tr", has_text="block of").count()) == (3, 0)
    agents = [each for each in bands["stretches"] if each["kind"] == "agent"]
    whole = ask(page, f"bands?period=today&timezone={ZONE}")["stretches"]
    assert {each["project"] for each in agents} == {each["project"] for each in whole if each["kind"] == "agent"}
    box = page.locator(".band-frame").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 60)
    page.wait_for_url("**/?from=*")
    page.wait_for_selector(".skeleton", state="detached")


def test_a_drag_over_the_band_looks_closer_and_back_goes_back(page: Page) -> None:
    """The range stands in the address, and all below it follows."""
    ready(page, "/")
    box = page.locator(".band-frame").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 40)
    page.wait_for_selector(".band-tip strong")
    assert page.locator(".band-tip strong").inner_text().count(":") == 2
    page.mouse.down()
    page.mouse.move(box["x"] + 320, box["y"] + 40, steps=4)
    page.mouse.up()
    page.wait_for_url("**/?from=*")
    page.wait_for_selector(".skeleton", state="detached")
    page.go_back()
    page.wait_for_url(lambda url: "from=" not in url)


def test_a_change_arrives_within_a_second_and_hostile_names_are_text(page: Page, shown: Running) -> None:
    """A session begins to ask: it stands in the first column before anybody reloads, and its project's name runs no script."""
    ready(page, "/live")
    now_s = (time.time_ns() - T0) / S
    where = place(HOSTILE)
    asked = {
        "gen_ai__tool__name": "Bash",
        "gen_ai__tool__call__id": "toolu_hostile",
        "hookline__wait__id": "w-1",
        "hookline__wait__reason": "permission",
    }
    begun = time.monotonic()
    tell(
        page,
        shown,
        [
            Told(event("session.start", now_s - 3, "hostile", **where)),
            Told(event("hookline.prompt_submitted", now_s - 2, "hostile", "h1", **where)),
            Told(event("hookline.permission_requested", now_s - 1, "hostile", "h1", **asked, **where)),
        ],
    )
    card = page.locator(".lane.needs .live-card", has_text="onerror")
    card.wait_for()
    assert time.monotonic() - begun < 10  # a second where nothing else runs
    assert card.locator("header b").inner_text() == HOSTILE
    tell(page, shown, [Told(event("session.end", now_s, "hostile", hookline__session__end_reason="logout"))])
    card.wait_for(state="detached")
    assert page.title() == "Live · Hookline"


def test_live_says_what_runs_how_far_the_limits_are_and_what_fires_and_tells_of_a_wait(page: Page) -> None:
    """The kind of a running call, both limits, an alert beside its session; and a notice of the browser once something waits."""
    alert = {"alert": "PermissionUnanswered", "alert_state": "firing", "fingerprint": "f1", "silenced_by": [], "labels": {"session_id": "asks-now"}}
    told = {"alerts": [{**alert, "annotations": {"summary": HOSTILE}, "active": "2026-09-21T00:00:00Z", "inhibited_by": []}]}
    page.route("**/api/v1/alerts", lambda route: route.fulfill(json=told))
    page.add_init_script("""
        window.said = [];
        window.Notification = class { static permission = "granted"; constructor(title, {body}) { said.push(`${title}: ${body}`); } };
        localStorage.setItem("hookline-notice", JSON.stringify({notify: true, sound: false, after: 0}));""")
    ready(page, "/live")
    card = page.locator(".live-card", has_text="runs Bash")
    card.wait_for()
    assert card.locator(".live-line").first.inner_text().startswith("Bash command")
    page.wait_for_selector(".bearings .firing")
    page.wait_for_selector(".bearings .limit >> nth=1")
    assert page.locator(".live-alert").inner_text() == HOSTILE
    until(page, "window.said.length > 0")
    assert "api: waits for your permission: Bash" in page.evaluate("said")


def test_a_wait_sounds_and_is_noticed_by_the_real_browser(page_with_notices: Page, shown: Running) -> None:
    """Both buttons, the browser's own sound and notices with its permission, and again for the next wait; each wait once."""
    page = page_with_notices
    page.context.grant_permissions(["notifications"])
    page.add_init_script("""
        window.tones = []; window.said = [];
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (at) { tones.push(this); return start.call(this, at); };
        const Plain = window.Notification;
        window.Notification = class extends Plain { constructor(title, more) { super(title, more); said.push(`${title}: ${more.body}`); } };
        localStorage.setItem("hookline-notice", JSON.stringify({notify: false, sound: false, after: 0}));""")
    ready(page, "/live")
    page.locator(".lane.needs .live-card").first.wait_for()
    page.click("text=Sound")
    until(page, "tones.length >= 4")  # the one that shows how it sounds, and that of the wait that lasts
    until(page, "tones[0].context.state === 'running'")
    page.click("text=Browser notice")
    page.locator("button[aria-pressed=true]", has_text="Browser notice").wait_for()
    tones = page.evaluate("tones.length")
    now_s, where = (time.time_ns() - T0) / S, place("loud")
    asked = {
        "gen_ai__tool__name": "Bash",
        "gen_ai__tool__call__id": "toolu_loud",
        "hookline__wait__id": "w-loud",
        "hookline__wait__reason": "permission",
    }
    begins = [event("session.start", now_s - 3, "loud", **where), event("hookline.prompt_submitted", now_s - 2, "loud", "l1", **where)]
    waits = event("hookline.permission_requested", now_s - 1, "loud", "l1", **asked, **where)
    tell(page, shown, [Told(each) for each in (*begins, waits)])
    until(page, "said.length > 0")
    assert page.evaluate("[said, tones.length]") == [["loud: waits for your permission: Bash"], tones + 2]
    tell(page, shown, [Told(event("session.end", now_s, "loud", hookline__session__end_reason="logout"))])
    page.locator(".live-card", has_text="loud").wait_for(state="detached")
    assert page.locator(".notice-trouble").count() == 0


def test_a_browser_that_blocks_notices_is_told_of_and_a_page_that_may_not_sound_yet_says_what_to_do(page: Page, complaints: list[str]) -> None:
    """The choice is not made where it would do nothing."""
    page.add_init_script("""
        Notification.requestPermission = async () => "denied";
        localStorage.setItem("hookline-notice", JSON.stringify({notify: false, sound: true, after: 900}));""")
    ready(page, "/live")
    page.locator(".notice-trouble", has_text="click anywhere once").wait_for()
    page.click("h1")
    page.locator(".notice-trouble").wait_for(state="detached")
    page.click("text=Browser notice")
    page.locator(".notice-trouble", has_text="blocks notices").wait_for()
    assert page.locator("button[aria-pressed=true]", has_text="Browser notice").count() == 0
    assert all("AudioContext" in each for each in complaints)
    complaints.clear()


def test_a_wait_is_noticed_while_the_page_is_hidden(page: Page, shown: Running) -> None:
    """Also after half a minute, when a page that nobody wants to hear of lets the stream go."""
    page.clock.install()
    page.add_init_script("""
        window.said = []; window.away = false;
        window.Notification = class { static permission = "granted"; constructor(title, {body}) { said.push(`${title}: ${body}`); } };
        for (const [name, of] of [["hidden", () => away], ["visibilityState", () => (away ? "hidden" : "visible")]])
          Object.defineProperty(document, name, { get: of });
        localStorage.setItem("hookline-notice", JSON.stringify({notify: true, sound: false, after: 0}));""")
    ready(page, "/live")
    until(page, "said.length > 0")
    page.evaluate("away = true; document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.fast_forward(45_000)
    now_s, where = (time.time_ns() - T0) / S, place("unseen")
    asked = {
        "gen_ai__tool__name": "Bash",
        "gen_ai__tool__call__id": "toolu_unseen",
        "hookline__wait__id": "w-unseen",
        "hookline__wait__reason": "permission",
    }
    begins = [event("session.start", now_s - 3, "unseen", **where), event("hookline.prompt_submitted", now_s - 2, "unseen", "u1", **where)]
    waits = event("hookline.permission_requested", now_s - 1, "unseen", "u1", **asked, **where)
    tell(page, shown, [Told(each) for each in (*begins, waits)])
    until(page, "said.includes('unseen: waits for your permission: Bash')")
    tell(page, shown, [Told(event("session.end", now_s, "unseen", hookline__session__end_reason="logout"))])


def test_alerts_on_a_session_stand_on_its_page(page: Page) -> None:
    """What fires now leads to the alerts; what fired before says when and for how long. Those on others are left out."""
    began = {"active": "2026-09-21T10:00:00Z", "fired": "2026-09-21T10:00:00Z", "changed": "2026-09-21T10:05:00Z"}
    firing = [
        {**began, "alert": "PermissionUnanswered", "fingerprint": session, "labels": {"session_id": session}, "annotations": {"summary": HOSTILE}}
        for session in ("shop-afternoon", "api-side")
    ]
    now: dict[str, Any] = {"alerts": [{**each, "alert_state": "firing", "shown_by": {"worst": []}} for each in firing]}
    over = {"transition_id": "t", "rule": "CallsFail", "labels": {"severity": "info"}, "annotations": {}, **began}
    ended = [{**over, "from_state": "firing", "to_state": "resolved"}, {**over, "from_state": "pending", "to_state": "firing"}]
    asked: list[str] = []
    page.route("**/api/v1/alerts", lambda route: route.fulfill(json=now))
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/api/v1/alerts/history*", lambda route: route.fulfill(json={"transitions": ended}))
    ready(page, "/sessions/shop-afternoon")
    page.locator("a.warning").wait_for()
    assert page.locator("a.warning").all_inner_texts() == [f"PermissionUnanswered: {HOSTILE}"]
    fired = page.locator("section[aria-label='Alerts that fired on it'] li")
    fired.wait_for()
    assert "CallsFail" in fired.inner_text()
    assert "for 5 m" in fired.inner_text()
    assert {"session_id=shop-afternoon" in url for url in asked if "/alerts/history?" in url} == {True}
    assert ask(page, "alerts/history?session_id=shop-afternoon&days=2") == {"transitions": []}


def test_a_block_is_corrected_by_hand_and_the_correction_is_taken_back(page: Page) -> None:
    """Both figures are shown while it counts, with who said so, when and why; the measured one alone afterwards."""
    ready(page, "/work")
    before = ask(page, f"reports/work?period=week&timezone={ZONE}")["totals"]["worked_s"]
    blocks = page.locator(".week .work-block")
    assert blocks.count() == len(ask(page, f"reports/work?period=week&timezone={ZONE}")["blocks"])
    blocks.first.click()
    page.wait_for_selector(".block-card")
    assert page.locator(".block-card a").first.inner_text().startswith("session ")
    told = page.locator(".block-session tbody tr")
    told.first.wait_for()
    assert "$" in told.first.inner_text()
    assert page.locator(".block-card .link-list code").all_inner_texts() == ["aaaaaaaa"]
    whose = ask(page, f"reports/work?period=week&timezone={ZONE}")["blocks"][0]["user"]
    page.fill(".block-card input[placeholder='why, for later']", HOSTILE)
    assert page.input_value(".block-card label:has-text('Said by') input") == whose
    page.fill(".block-card label:has-text('Said by') input", WRITER)
    page.click("text=This was no work")
    page.wait_for_selector(".said li")
    said = page.locator(".said li").inner_text()
    [kept] = ask(page, f"reports/work?period=week&timezone={ZONE}")["corrections"]
    assert (kept["user"], kept["created_by"]) == (whose, WRITER)
    assert abs(time.time() - datetime.fromisoformat(kept["created"]).timestamp()) < 600
    written = page.evaluate("(at) => import('/assets/app/format.js').then(({moment}) => moment(at))", kept["created"])
    assert all(each in said for each in (HOSTILE, WRITER, written))
    assert page.locator(".sheet").inner_text().count("corrected by hand, measured") == 1
    found = ask(page, f"reports/work?period=week&timezone={ZONE}")["totals"]
    assert found["corrected_s"] < found["worked_s"]
    page.click(".said button")
    page.wait_for_selector(".said", state="detached")
    again = ask(page, f"reports/work?period=week&timezone={ZONE}")["totals"]
    assert again["corrected_s"] == again["worked_s"] >= before
    links = [link.get_attribute("href") for link in page.locator("a.export").all()]
    assert [link.partition("format=")[2] for link in links if link] == ["sheet", "ics", "timewarrior"]
    assert "BEGIN:VCALENDAR" in page.request.get(str(links[1])).text()


def test_blocks_that_are_drawn_as_one_say_so_and_name_the_people(page: Page) -> None:
    """As a large team has them; who is clicked has a calendar of their own, until everybody's is wanted again."""

    def as_team(calendar: dict[str, Any]) -> dict[str, Any]:
        blocks = [each | {"user": "", "people": 12, "merged_blocks": 40} for each in calendar["blocks"]]
        return calendar | {"blocks": blocks}

    def answer(route: Route) -> None:
        found = page.request.get(route.request.url).json()
        route.fulfill(json=found if "user=" in route.request.url else as_team(found))

    page.route("**/api/v1/reports/calendar*", answer)
    ready(page, "/work")
    first = page.locator(".week .work-block").first
    assert "40 blocks of 12 people" in first.inner_text()
    assert "too many to draw one by one" in page.locator(".calendar-card").inner_text()
    first.click()
    person = page.locator(".block-card tbody a").first
    whose = person.inner_text()
    assert "40 blocks of 12 people" in page.locator(".block-card").inner_text()
    person.click()
    page.wait_for_selector(f"text=only {whose}")
    page.wait_for_selector("text=too many to draw one by one", state="detached")
    page.locator(".week .work-block").first.click()
    page.wait_for_selector(".block-session a")
    page.click(f"text=only {whose}")
    page.wait_for_selector("text=too many to draw one by one")


def test_a_week_is_printed_dark_on_white_without_what_is_only_for_the_screen(page: Page) -> None:
    """Also where the screen is dark; and as a PDF."""
    page.emulate_media(media="print", color_scheme="dark")
    ready(page, "/work")
    page.locator(".sheet table").wait_for()
    gone = (".side", ".top-tools", ".exports", ".heat-card", ".corrections", ".known")
    assert [name for name in gone if page.locator(name).first.is_visible()] == []
    red, green, blue = page.evaluate("getComputedStyle(document.querySelector('.sheet td')).color.match(/\\d+/g).map(Number)")
    assert max(red, green, blue) < 60
    assert page.pdf().startswith(b"%PDF")


def test_sessions_are_found_by_search_and_opened_by_keys_and_a_session_is_a_waterfall(page: Page) -> None:
    """`/`, words, j, Enter: then its band, its prompts, rows within rows, curves beneath, and what came of it."""
    ready(page, "/sessions")
    page.keyboard.press("/")
    page.keyboard.type("shop-after")
    page.locator(".session-rows tbody tr").nth(1).wait_for(state="detached")
    assert "search=shop-after" in page.url
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sessions/shop-afternoon*")
    page.wait_for_selector(".span-row")
    spans = ask(page, "sessions/shop-afternoon/spans")["spans"]
    assert page.locator(".waterfall-tools .note").inner_text().startswith(f"{len(spans)} spans")
    page.click("text=close all")
    assert page.locator(".span-row").count() == 4
    page.locator(".span-row").nth(1).locator("button").click()
    nested = page.locator(".span-row.subagent")
    nested.first.wait_for()
    assert nested.first.get_attribute("aria-level") == "3"
    nested.first.click()
    assert "Explore" in page.locator(".span-details").inner_text()
    assert page.locator(".curve").count() == 4
    turns = ask(page, "sessions/shop-afternoon")["turns"]
    assert page.locator("section[aria-label=Prompts] tbody tr").count() == len(turns)
    assert f"${turns[0]['cost_usd']:.2f}" in page.locator("section[aria-label=Prompts] tbody tr").first.inner_text()
    came = page.locator("section[aria-label='What came of it'] dl > div").all_inner_texts()
    changed = sum(each["tool_calls"] for each in ask(page, "sessions/shop-afternoon/measures")["files"])
    assert [each.split("\n")[:2] for each in came[:3]] == [["Changes of files", f"{changed} changes"], ["Lines", "not told"], ["Commits", "not told"]]


def test_ten_thousand_spans_are_a_few_rows_of_the_page_and_scroll(page: Page) -> None:
    """Only what is seen is made."""
    page.route("**/api/v1/sessions/*/spans*", lambda route: route.fulfill(json=ten_thousand_spans("shop-afternoon")))
    ready(page, "/sessions/shop-afternoon")
    page.wait_for_selector(".span-row")
    page.click("text=open all")
    page.wait_for_selector("text=10 000 rows".replace(" ", "\u202f", 1))
    assert page.locator(".span-row").count() < 80
    page.locator(".waterfall-box").evaluate("box => { box.scrollTop = 300000 }")
    page.locator(".span-row", has_text="tool 9890").wait_for()
    assert page.locator(".span-row").count() < 80


PHONES = [("/", "dark"), ("/sessions/shop-afternoon", "light"), ("/live", "light"), ("/work", "light"), ("/sessions", "dark")]


@pytest.mark.parametrize(("path", "scheme"), by_portions(PHONES))
def test_each_page_fits_a_phone(page: Page, path: str, scheme: str) -> None:
    """Nothing is cut off at the side, in light or dark."""
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    ready(page, path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if path == "/":  # the band is wider than the phone, and is seen from its end
        until(page, "document.querySelector('.band-scroll').scrollLeft > 0")


def test_figures_of_a_collector_that_stopped_say_of_when_they_are(page: Page, complaints: list[str]) -> None:
    """They stay, pale, with the moment at which they were right; and come back by themselves."""
    ready(page, "/")
    page.route("**/api/v1/**", lambda route: route.fulfill(status=503, body='{"title": "Service Unavailable", "detail": "the store is away"}'))
    page.locator("button[aria-label=Refresh]").click()
    page.wait_for_selector(".as-of")
    assert page.locator(".as-of").inner_text().startswith("As of ")
    assert page.locator(".figures .figure").first.inner_text() != "–"
    page.unroute("**/api/v1/**")
    page.locator("button[aria-label=Refresh]").click()
    page.wait_for_selector(".as-of", state="detached")
    assert all("503" in each for each in complaints)
    complaints.clear()
