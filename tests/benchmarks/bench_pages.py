"""How long somebody looks at nothing: the first page of a cold browser, what came over the wire for it, and how soon a change is seen.

Chromium with an empty cache opens Today (and Latency, a dashboard with charts) of a collector that knows three weeks of a person. Drawn is when
the canvas of the band, or of the first panels, has pixels; counted from the beginning of the navigation, as the browser itself counts. Bytes are
those of the connection, headers and all. A second visit and a while of looking tell whether anything is sent again that did not change. A change
is told over OTLP and waited for on Live. 20,000 stretches are given to band and calendar in the place of the collector's.

    bench_pages.py    needs Chromium
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import quantile, tell, tell_quantiles
from benchmarks.process_costs import Watched
from support.agent_records import T0, S, event
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
FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
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
        _first_visits(browser, running, name, path, wanted, least)
    _looked_at(browser, running)
    _changes(browser, running)
    _many(browser, running)


def _first_visits(browser: Browser, running: Running, name: str, path: str, wanted: str, least: int) -> None:
    took, sizes, collector_s = [], [], []
    collector = Watched(running.found.pid)
    for _ in range(TIMES):
        with cold(browser, running) as (_, page, wire):
            collector.restart()
            took.append(first_drawn(page, path, wanted, least) / 1000)
            collector_s.append(collector.usage().cpu_s)
            page.wait_for_timeout(300)
            sizes.append(wire.bytes / 1000)
    tell_quantiles(f"{name}, cold browser: from the click to drawn", took, (0.5, 1))
    tell(f"{name}, cold browser: processor time of the collector", quantile(collector_s, 0.5) * 1000, "CPU-ms", "processor")
    tell(f"{name}, cold browser: over the wire", quantile(sizes, 0.5), "kB", "size")


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
    took = []
    with cold(browser, running) as (_, page, _):
        page.goto("/live")
        page.wait_for_selector(".live-page .lane")
        for number in range(CHANGES):
            name = f"bench-{number}"
            begun, now_s = time.perf_counter(), (time.time_ns() - T0) / S
            where = place(name)
            begins = event("session.start", now_s, name, **where)
            types = event("hookline.prompt_submitted", now_s, name, f"{name}-p", **where)
            tell_records(f"http://{running.found.otlp_http}", [Told(begins), Told(types)])
            page.locator(".live-card", has_text=name).first.wait_for()
            took.append(time.perf_counter() - begun)
    tell_quantiles("a change, from OTLP to the card on Live", took, (0.5, 0.95))


def _many(browser: Browser, running: Running) -> None:
    """The longest task of the page's thread while 20,000 stretches are looked at, moved over and drawn anew."""
    with cold(browser, running) as (_, page, _):
        page.route("**/api/v1/bands*", lambda route: route.fulfill(json=as_bands(page.request.get(route.request.url).json())))
        page.route("**/api/v1/reports/work*by=project*", lambda route: route.fulfill(json=as_report(page.request.get(route.request.url).json())))
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
