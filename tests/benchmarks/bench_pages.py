"""How long somebody looks at nothing: the first page of a cold browser, what came over the wire for it, and how soon a change is seen.

Chromium with an empty cache opens Today (and Latency, a dashboard with charts) of a collector that knows three weeks of a person. Drawn is when
the canvas of the band, or of the first panels, has pixels; counted from the beginning of the navigation, as the browser itself counts, in a browser
that has come to rest. Before a cold visit something is told to the collector, so that no answer is kept from the visit before; before a warm one
nothing is. Bytes are those of the connection, headers and all. A second visit and a while of looking tell whether anything is sent again that did
not change. A change is told over OTLP and looked for on Live: when it was acknowledged, when the page heard of it, when its card stood there.
20,000 stretches are given to band and calendar, and 10,000 spans to a session, in the place of the collector's: how long the page's thread works
at one piece while somebody scrolls and zooms, as Chromium's trace tells it, in processor time.

    bench_pages.py    needs Chromium
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import quantile, tell, tell_quantiles
from benchmarks.process_costs import Watched
from support.agent_records import T0, S, event
from support.many_spans import ten_thousand_spans
from support.many_stretches import as_bands, as_report
from support.person import new_person
from support.running import Running, start_collector
from support.shown_days import Told, curves, place, shown_days, tell_metrics
from support.shown_days import tell as tell_records

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

TIMES: Final = 7
CHANGES: Final = 20
LOOKED_MS: Final = 65_000
OK, NOT_MODIFIED = 200, 304
NEXT_FRAME: Final = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
OWN_PAGES: Final = "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"
FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--disable-features={OWN_PAGES}"]
"""Chromium draws its address bar as a page of its own, anew for each window: most of a second of a processor, in the midst of the visit."""
SIZE: Final = {"width": 1280, "height": 900}
PAGES: Final = {"Today": ("/", ".band canvas", 1), "Latency": ("/latency", "#main .panel canvas", 2)}
"""A page's path, the canvases that make it drawn, and how many of them there must be."""
WATCH: Final = """([wanted, least]) => {
  const isDrawn = (canvas) => {
    if (!canvas.width || !canvas.height) return false;
    const {data} = canvas.getContext('2d', {willReadFrequently: true}).getImageData(0, 0, canvas.width, Math.min(canvas.height, 400));
    for (let at = 3; at < data.length; at += 40) if (data[at] > 0) return true;
    return false;
  };
  const look = () => {
    const found = [...document.querySelectorAll(wanted)];
    if (found.length >= least && found.every(isDrawn)) window.drawnAt = performance.now();
    else requestAnimationFrame(look);
  };
  look();
}"""


HEARD: Final = """
  window.heard = [];
  const Plain = window.EventSource;
  window.EventSource = class extends Plain {
    constructor(...given) { super(...given); this.addEventListener('changed', ({data}) => heard.push([Date.now(), data])); }
  };
"""
CARD: Final = """(name) => new Promise((done) => {
  const look = () => {
    const card = [...document.querySelectorAll('.live-card')].find((each) => each.innerText.includes(name));
    if (card) { watching.disconnect(); done([heard.find(([, data]) => data.includes(name))[0], Date.now()]); }
  };
  const watching = new MutationObserver(look);
  watching.observe(document.body, {subtree: true, childList: true, characterData: true});
  look();
})"""
FRAMES: Final = """() => {
  window.frames_ = [];
  const on = (before) => requestAnimationFrame((at) => { frames_.push(at - before); on(at); });
  on(performance.now());
}"""


@dataclass(slots=True)
class Wire:
    """What came over the connections of a page, as the browser's own protocol tells it; what lay in its cache did not come."""

    bytes: float = 0
    statuses: dict[str, int] = field(default_factory=dict)
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)

    def watch(self, session: CDPSession) -> None:
        """Listen from now on."""
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda told: self._finished(told))  # noqa: PLW0108 - playwright marks what it is given
        session.on("Network.responseReceivedExtraInfo", lambda told: self._came(told))  # noqa: PLW0108
        session.on("Network.responseReceived", lambda told: self._answered(told))  # noqa: PLW0108

    def _finished(self, told: dict[str, Any]) -> None:
        self.bytes += told["encodedDataLength"]

    def _came(self, told: dict[str, Any]) -> None:
        self.statuses[told["requestId"]] = told["statusCode"]

    def _answered(self, told: dict[str, Any]) -> None:
        answer = told["response"]
        self.answers[told["requestId"]] = (answer["url"], {name.lower(): value for name, value in answer["headers"].items()}.get("etag", ""))

    def sent_again(self) -> list[str]:
        """Return what was sent whole though the same had been sent before, and forget all of it."""
        seen: set[tuple[str, str]] = set()
        again = []
        for request, (url, tag) in self.answers.items():
            if self.statuses.get(request) != OK or not tag:
                continue
            again += [url] if (url, tag) in seen else []
            seen.add((url, tag))
        return again

    @property
    def unchanged(self) -> int:
        """How many answers said that nothing had changed."""
        return sum(status == NOT_MODIFIED for status in self.statuses.values())


@contextmanager
def cold(browser: Browser, running: Running) -> Iterator[tuple[BrowserContext, Page, Wire]]:
    """Give a page of a browser that has never been here but has the token."""
    context = browser.new_context(viewport=SIZE, base_url=running.found.url, timezone_id="UTC")  # type: ignore[arg-type]
    context.request.get(f"/?token={running.client.token}")
    page = context.new_page()
    wire = Wire()
    wire.watch(context.new_cdp_session(page))
    yield context, page, wire
    context.close()


def first_drawn(page: Page, path: str, wanted: str, least: int) -> float:
    """Open a page and return after how many milliseconds it was drawn."""
    page.goto(path, wait_until="commit")
    page.evaluate(WATCH, [wanted, least])
    while not (at := page.evaluate("window.drawnAt ?? 0")):
        page.wait_for_timeout(20)
    return float(at)


def measure(browser: Browser, running: Running) -> None:
    """Measure everything and tell it."""
    for name, (path, wanted, least) in PAGES.items():
        for is_warm in (False, True):
            _first_visits(browser, running, name, path, wanted, least, is_warm=is_warm)
    _looked_at(browser, running)
    _changes(browser, running)
    _many(browser, running)
    _many_spans(browser, running)


def _first_visits(browser: Browser, running: Running, name: str, path: str, wanted: str, least: int, *, is_warm: bool) -> None:
    took, sizes, collector_s = [], [], []
    collector = Watched(running.found.pid)
    for number in range(TIMES):
        with cold(browser, running) as (_, page, wire):
            page.wait_for_timeout(1_000)
            if not is_warm:
                tell_records(f"http://{running.found.otlp_http}", [Told(event("session.start", (time.time_ns() - T0) / S, f"visit-{number}"))])
                running.query("SELECT 1")
            collector.restart()
            took.append(first_drawn(page, path, wanted, least) / 1000)
            collector_s.append(collector.usage().cpu_s)
            page.wait_for_timeout(300)
            sizes.append(wire.bytes / 1000)
    visit = f"{name}, cold browser, warm collector" if is_warm else f"{name}, cold browser"
    tell_quantiles(f"{visit}: from the click to drawn", took, (0.5, 1))
    tell(f"{visit}: processor time of the collector", quantile(collector_s, 0.5) * 1000, "CPU-ms", "processor")
    if is_warm:
        return
    tell(f"{visit}: over the wire", quantile(sizes, 0.5), "kB", "size")


def _looked_at(browser: Browser, running: Running) -> None:
    """Files are kept from visit to visit; answers, of which nothing may lie on a disk, while the page is looked at."""
    with cold(browser, running) as (_, page, wire):
        first_drawn(page, *PAGES["Today"])
        page.wait_for_timeout(LOOKED_MS)
        looked = [url for url in wire.sent_again() if "/api/" in url]
        first_drawn(page, *PAGES["Today"])
        again = sorted({*looked, *(url for url in wire.sent_again() if "/api/" not in url)})
        note = "; ".join(again) or f"{wire.unchanged} answers said that nothing had changed"
        tell("Today, a while of looking and a second visit: sent again unchanged", len(again), "answers", "size", note=note)


def _changes(browser: Browser, running: Running) -> None:
    acknowledged, heard, drawn = [], [], []
    with cold(browser, running) as (_, page, _):
        page.add_init_script(HEARD)
        page.goto("/live")
        page.wait_for_selector(".live-page .lane")
        for number in range(CHANGES):
            name = f"bench-{number}-"
            page.evaluate(f"window.standing = ({CARD})('{name}')  // waits from now on\nundefined")
            begun_s = time.time()
            where = place(name)
            begins = event("session.start", begun_s - T0 / S, name, **where)
            types = event("hookline.prompt_submitted", begun_s - T0 / S, name, f"{name}-p", **where)
            tell_records(f"http://{running.found.otlp_http}", [Told(begins), Told(types)])
            acknowledged.append(time.time() - begun_s)
            found = page.evaluate("standing")
            heard.append(found[0] / 1000 - begun_s)
            drawn.append(found[1] / 1000 - begun_s)
    tell_quantiles("a change, from OTLP to its acknowledgement", acknowledged, (0.5, 0.95))
    tell_quantiles("a change, from OTLP to the page's stream", heard, (0.5, 0.95))
    tell_quantiles("a change, from OTLP to the card on Live", drawn, (0.5, 0.95))


def _many(browser: Browser, running: Running) -> None:
    """The longest task of the page's thread while 20,000 stretches are looked at, moved over and drawn anew."""
    with cold(browser, running) as (_, page, _):
        page.route("**/api/v1/bands*", lambda route: route.fulfill(json=as_bands(page.request.get(route.request.url).json())))
        page.route("**/api/v1/reports/calendar*", lambda route: route.fulfill(json=as_report(page.request.get(route.request.url).json())))
        for name, path, wanted, over in (
            ("band", "/?from=now/w&to=now", ".band canvas", ".band-frame"),
            ("calendar", "/work", ".work-block", ".week"),
        ):
            page.goto(path)
            page.wait_for_selector(wanted, timeout=120_000)
            page.wait_for_timeout(1_000)
            box = page.locator(over).first.bounding_box()
            assert box is not None
            page.evaluate(FRAMES)
            for step in range(60):
                page.mouse.move(box["x"] + 10 + step * (box["width"] - 20) / 60, box["y"] + box["height"] / 2)
            frames = [each for each in page.evaluate("frames_") if each > 0][1:]
            tell(
                f"20,000 stretches, {name}: a frame while the pointer moves, p95",
                quantile(frames, 0.95),
                "ms",
                note=f"p50 {quantile(frames, 0.5):.0f} ms",
            )


def _many_spans(browser: Browser, running: Running) -> None:
    """What the page's thread does at one piece while ten thousand spans are scrolled through and looked at closer."""
    with cold(browser, running) as (_, page, _):
        [session] = running.query("SELECT toUnixTimestamp64Milli(started) AS at FROM sessions WHERE session_id = 'shop-afternoon'")
        answer = ten_thousand_spans("shop-afternoon", int(session["at"]))
        page.route("**/api/v1/sessions/*/spans*", lambda route: route.fulfill(json=answer))
        page.goto("/sessions/shop-afternoon")
        page.wait_for_selector(".span-row")
        page.click("text=open all")
        page.wait_for_timeout(1_000)
        for name, act in (("scrolling", _scroll), ("zooming", _zoom)):
            tasks_ms = _tasks(browser, page, act)
            note = f"{sum(each > 50 for each in tasks_ms)} of {len(tasks_ms)} tasks were longer than 50 ms, {sum(tasks_ms):.0f} CPU-ms in all"
            tell(f"10,000 spans, {name}: the longest task of the page's thread", max(tasks_ms), "CPU-ms", "processor", note=note)


def _scroll(page: Page) -> None:
    box = page.locator(".waterfall-box").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    for _ in range(60):
        page.mouse.wheel(0, 900)
        page.evaluate(NEXT_FRAME)


def _zoom(page: Page) -> None:
    """Look closer four times, each within the last, and at all of it again."""
    for _ in range(3):
        for _ in range(4):
            box = page.locator(".waterfall-axis > div").bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 8)
            page.mouse.down()
            page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 8, steps=5)
            page.mouse.up()
            page.evaluate(NEXT_FRAME)
        page.locator(".waterfall-tools button", has_text="whole session").click()
        page.evaluate(NEXT_FRAME)


def _tasks(browser: Browser, page: Page, act: Callable[[Page], None]) -> list[float]:
    """Return what each task of the page's thread took while somebody acts, in milliseconds of its processor time."""
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    act(page)
    told = json.loads(browser.stop_tracing())["traceEvents"]
    threads = {(each["pid"], each["tid"]) for each in told if each.get("name") == "thread_name" and each["args"]["name"] == "CrRendererMain"}
    tasks: dict[tuple[int, int], list[float]] = {}
    for each in told:
        where = (each["pid"], each["tid"])
        if each.get("ph") == "X" and each["name"] == "ThreadControllerImpl::RunTask" and where in threads:
            tasks.setdefault(where, []).append(each.get("tdur", 0) / 1000)
    return max(tasks.values(), key=sum)


def main() -> None:
    """Start a collector that knows three weeks, and a browser."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        sys.exit("no Chromium on the PATH")
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as folder, sync_playwright() as playwright:
        running = start_collector(new_person(Path(folder)))
        now_ns = time.time_ns()
        try:
            tell_records(f"http://{running.found.otlp_http}", shown_days(now_ns, weeks=3))
            tell_metrics(f"http://{running.found.otlp_http}", curves(now_ns))
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            measure(browser, running)
            browser.close()
        finally:
            running.stop()


if __name__ == "__main__":
    main()
