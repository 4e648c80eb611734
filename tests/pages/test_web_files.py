"""The files of the pages: what is committed of others is what was fetched, nothing is asked for twice, and no script stands in a page."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest
from starlette.types import ASGIApp, Message

import hookline_dashboards
from hookline.cli.group import hookline
from hookline_collector.api.pages import NEVER_CHANGES, SHELL_PATHS, Pages
from hookline_collector.api.site import build, policy_of
from hookline_collector.api.web_files import ALL_STYLES, STYLES, WEB, WebFiles, media_type, read_web_files
from support.cases import with_each

VENDOR = WEB / "vendor"
OWN = sorted(path for folder in ("app", "parts", "pages", "panels") for path in (WEB / folder).glob("*.js"))
IMPORT = re.compile(r'^(?:import|export) [^;]*?"(\.{1,2}/[^"]+)";', re.MULTILINE)
LATER = re.compile(r'\bimport\("(\.\./vendor/[^"]+)"\)\.then')
PRELOADED = re.compile(r'rel="modulepreload" href="/assets/\w+/([^"]+)"')
HTML = {"Accept": "text/html,*/*;q=0.8"}
TOKEN = "a-token"


@pytest.fixture(scope="module")
def web() -> WebFiles:
    """Give the files."""
    return read_web_files()


@dataclass(frozen=True, slots=True)
class Told:
    """What was answered."""

    status_code: int
    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Site:
    """Pages and API as a browser asks them, without a connection."""

    app: ASGIApp
    always: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> Told:
        """Ask for a path."""
        given = {"host": "testserver"} | {name.lower(): value for name, value in {**self.always, **(headers or {})}.items()}
        said: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            said.append(message)

        raw = [(name.encode(), value.encode()) for name, value in given.items()]
        scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"", "headers": raw, "root_path": ""}
        asyncio.run(self.app(scope | {"http_version": "1.1", "scheme": "http", "server": ("testserver", 80)}, receive, send))  # type: ignore[arg-type]
        told = {name.decode(): value.decode() for name, value in said[0]["headers"]}
        return Told(said[0]["status"], told, b"".join(each.get("body", b"") for each in said[1:]))


@pytest.fixture(scope="module")
def site() -> Site:
    """Give the pages, asked by somebody who has the token."""
    return Site(build((), policy_of(TOKEN, "testserver", 1, ()), tls=False), {"Authorization": f"Bearer {TOKEN}"})


def imported(path: Path) -> set[Path]:
    """Return what a module needs before it runs, and what that needs."""
    found: set[Path] = set()
    left = [path]
    while left:
        at = left.pop()
        direct = {(at.parent / name).resolve() for name in IMPORT.findall(at.read_text())} if VENDOR not in at.parents else set()
        left += direct - found
        found |= direct
    return found


def test_what_is_committed_of_libraries_is_what_was_fetched() -> None:
    """Each module and its licences have the hash that was written down when they were made, with the versions that the lock has."""
    lock = json.loads((WEB.parents[2] / "deploy" / "web" / "package-lock.json").read_text())["packages"]
    for library in json.loads((VENDOR / "vendor.json").read_text()):
        for name, expected in library["sha256"].items():
            assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == expected, f"{name} was changed by hand: make vendor"
        for name, version in library["packages"].items():
            assert lock[f"node_modules/{name}"]["version"] == version, f"{name} was not made anew: make vendor"
    named = {name for library in json.loads((VENDOR / "vendor.json").read_text()) for name in library["sha256"]}
    assert {path.name for path in VENDOR.iterdir()} - {path.name for path in VENDOR.glob("*.d.ts")} == named | {"vendor.json"}


def test_every_package_has_a_hash_in_the_lock() -> None:
    """Npm checks it when it fetches."""
    lock = json.loads((WEB.parents[2] / "deploy" / "web" / "package-lock.json").read_text())["packages"]
    assert [name for name, entry in lock.items() if name and not entry["integrity"].startswith("sha512-")] == []


def test_the_shell_names_all_that_a_page_needs_at_once(web: WebFiles) -> None:
    """The files of its modules and the libraries that draw it are fetched in one go, no others; styles are one file."""
    first, charts = "app/main.js", "panels/dashboard.js"
    for path in (WEB / "pages").glob("*.js"):
        at_once = {WEB / first, path} | imported(WEB / first) | imported(path)
        libraries = {(each.parent / name).resolve() for each in at_once for name in LATER.findall(each.read_text()) if each.parent != VENDOR}
        files = {first, f"pages/{path.name}"} | ({charts} if WEB / charts in at_once else set())
        assert set(PRELOADED.findall(web.shells[path.stem].content.decode())) == files | {f"vendor/{each.name}" for each in libraries}
    assert {"vendor/echarts.js", "vendor/codemirror.js"} <= set(PRELOADED.findall(web.shells["explore"].content.decode()))
    assert set(STYLES) == {f"style/{path.name}" for path in (WEB / "style").glob("*.css")}
    assert web.files[ALL_STYLES].content == b"".join((WEB / name).read_bytes() for name in STYLES)


@with_each("page", sorted(path.name for path in (WEB / "pages").glob("*.js")))
def test_what_a_module_imports_has_run_before_it(web: WebFiles, page: str) -> None:
    """In the file itself, in one that it fetches, or in the first; each once."""
    texts = [web.files[name].content.decode() for name in ("app/main.js", f"pages/{page}")]
    texts[1:1] = [web.files["panels/dashboard.js"].content.decode()] if texts[1].startswith('import "../panels/dashboard.js";') else []
    has_run: set[str] = set()
    for name, is_made in re.findall(r'hooklineModules\["([^"]+)"\]( \?\?=)?', "".join(texts)):
        assert (name in has_run) != bool(is_made), name
        has_run |= {name}


@with_each("path", OWN)
def test_a_module_imports_what_is_there(path: Path) -> None:
    """By its relative name; nothing comes from elsewhere, and nothing is inserted as markup."""
    text = path.read_text()
    assert [name for name in imported(path) if not name.is_file()] == []
    assert not re.search(r'\bfrom "(?!\.)', text)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(|new Function", text)


def test_every_page_of_the_browser_is_a_page_of_the_server() -> None:
    """An address that the browser draws can be opened as a link."""
    routes = (WEB / "app" / "routes.js").read_text()
    drawn = {re.sub(r":\w+", "{}", path): page for path, page in re.findall(r'\{ path: "(/[^"]*)", page: "(\w+)"', routes)}
    assert drawn == {re.sub(r"{\w+}", "{}", path): page for path, page in SHELL_PATHS.items()}


def test_no_page_has_a_script_or_a_style_within() -> None:
    """The policy of the content forbids them."""
    for page in WEB.glob("*.html"):
        text = page.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=|https?://(?!www\.w3\.org/)", text), page.name


@with_each("path", [re.sub(r"{\w+}", "s1", path) for path in SHELL_PATHS])
def test_a_page_is_answered_with_a_tag_and_not_sent_again(site: Site, path: str) -> None:
    """The second time there is nothing in it."""
    first = site.get(path, headers=HTML)
    assert (first.status_code, first.headers["content-type"], first.headers["cache-control"]) == (200, "text/html; charset=utf-8", "no-cache")
    again = site.get(path, headers=HTML | {"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "script-src 'self';" in again.headers["content-security-policy"]


def test_a_browser_keeps_the_files_of_an_edition_for_ever(site: Site, web: WebFiles) -> None:
    """Under the name of the edition; without it they are asked for again, and of another edition there are none."""
    pinned = site.get(f"/assets/{web.edition}/app/main.js")
    assert (pinned.status_code, pinned.headers["cache-control"]) == (200, NEVER_CHANGES)
    assert site.get("/assets/app/main.js").headers["cache-control"] == "no-cache"
    assert site.get("/assets/000000000000/app/main.js").status_code == 404
    assert f"/assets/{web.edition}/app/main.js" in site.get("/live", headers=HTML).content.decode()


def test_what_is_large_is_compressed_for_whoever_takes_it(site: Site) -> None:
    """Other bytes have another tag."""
    plain = site.get("/assets/vendor/echarts.js", headers={"Accept-Encoding": "br, gzip;q=0"})
    packed = site.get("/assets/vendor/echarts.js", headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.content == gzip.decompress(packed.content) == (VENDOR / "echarts.js").read_bytes()
    assert plain.headers["etag"] != packed.headers["etag"]
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"


def test_all_files_of_the_pages_stay_within_600_kilobytes_on_the_wire(web: WebFiles) -> None:
    """With charts and editor, all pages looked at."""
    served = [file.content for name, file in web.files.items() if name.endswith((".js", ALL_STYLES, ".svg"))]
    served += [web.shells["today"].content]
    assert sum(len(gzip.compress(content, 6)) for content in served) < 600_000


def test_an_unknown_page_is_drawn_and_an_unknown_path_of_the_api_is_a_problem(site: Site) -> None:
    """Both with 404."""
    page = site.get("/no/such/page", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    for path, headers in (
        ("/api/v1/nothing", HTML),
        ("/assets/nothing.js", HTML),
        ("/nothing", {"Accept": "application/json"}),
        ("/assets/index.html", HTML),
    ):
        answer = site.get(path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path
    assert site.get("/live", method="POST").status_code == 405


@pytest.mark.parametrize("path", ["/assets/../site.py", "/assets/%2e%2e/site.py", "/assets//etc/passwd", "/assets/vendor/../../site.py"])
def test_nothing_outside_the_folder_is_a_file(site: Site, path: str) -> None:
    """What is served was read at the start, by its name."""
    assert site.get(path).status_code == 404


def test_without_the_token_there_are_files_and_no_pages(web: WebFiles) -> None:
    """The files hold nothing of anybody's."""
    stranger = Site(build((), policy_of(TOKEN, "testserver", 1, ()), tls=False))
    assert stranger.get(f"/assets/{web.edition}/style/base.css").status_code == 200
    assert [stranger.get(path, headers=HTML).status_code for path in ("/", "/live", "/nothing", "/assets/index.html")] == [401] * 4


def test_types_are_those_that_browsers_want() -> None:
    """Whatever the system's own table says."""
    assert media_type("app/main.js") == "text/javascript; charset=utf-8"
    assert media_type("vendor/vendor.json") == "application/json"
    assert Pages(WebFiles({}, "none")).open_paths == frozenset()


def test_every_command_that_a_page_names_is_one() -> None:
    """Whoever copies it would get an error on top of what is wrong."""
    named = {command for path in OWN for command in re.findall(r'["`](hookline [^"`$\\]+)', path.read_text())}
    assert named, "no page names a command: is this test blind?"
    for command in named:
        group: click.Command = hookline
        for word in command.split()[1:]:
            if not isinstance(group, click.Group):
                break
            found = group.get_command(click.Context(group), word)
            assert found is not None, command
            group = found


ROUTE = re.compile(r'\{ path: "([^"]+)", page: "(\w+)".*inNavigation: true.*\}')
BUILT = Path(hookline_dashboards.__file__).parent / "built"
OF_NO_AGENT = {
    "services": "requests of services, which no agent makes",
    "databases": "databases, whoever asks them",
    "alerts": "rules, which name agents themselves",
    "explore": "a statement of one's own",
    "status": "the installation",
}


def test_every_page_can_be_of_one_agent_or_says_why_not() -> None:
    """By a choice at the top, or by the dashboard's own filter; that each panel follows it is tried with the panels."""
    found = {}
    for line in (WEB / "app" / "routes.js").read_text().splitlines():
        if route := ROUTE.search(line):
            page = (WEB / "pages" / f"{route[2]}.js").read_text()
            built = [BUILT / f"{uid}.json" for uid in re.findall(r'"(hookline-\w+)"', f"{line}{page}")]
            dashboards = [path for path in built if path.exists()]
            filtered = [path for path in dashboards if '"name": "agent"' in path.read_text()]
            found[route[2]] = "hasAgents: true" in line or bool(dashboards and filtered == dashboards)
    assert len(found) > 8
    assert {page for page, can_be in found.items() if not can_be} == OF_NO_AGENT.keys()
