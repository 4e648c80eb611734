"""The API of a running collector: who is let in, what it answers, and what bad requests get."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from support.api import described
from support.person import new_person
from support.running import Running, start_collector

SECURITY_HEADERS = ("content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy", "cross-origin-opener-policy")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Api:
    """Asks a running collector, byte for byte as the test says."""

    running: Running

    def ask(self, method: str, path: str, body: bytes = b"", *, token: bool = True, **headers: str) -> Reply:
        """Send one request; header names are given with underscores."""
        connection = http.client.HTTPConnection(self.running.found.http, timeout=20)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            given["Authorization"] = f"Bearer {self.running.client.token}"
        try:
            connection.request(method, path, body or None, given)
            answer = connection.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def query(self, sql: str, form: str = "table") -> Reply:
        """Post a statement."""
        return self.ask("POST", f"/api/v1/query?format={form}", json.dumps({"sql": sql}).encode())


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Give the API of a collector that all tests of this file share."""
    running = start_collector(new_person(tmp_path_factory.mktemp("api")))
    yield Api(running)
    running.kill()


def test_a_link_with_the_token_becomes_a_cookie_and_a_clean_address(api: Api) -> None:
    """Neither history nor address bar keeps the token, scripts cannot read the cookie, and it opens the page."""
    first = api.ask("GET", f"/?token={api.running.client.token}&x=1", token=False)
    assert (first.status, first.headers["location"]) == (303, "/?x=1")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert api.running.client.token not in cookie
    page = api.ask("GET", "/", token=False, Cookie=cookie.split(";")[0])
    assert page.status == 200
    assert b"<title>Hookline" in page.body


@pytest.mark.parametrize("path", ["/", "/api/v1/status", "/api/v1/summary", "/api/v1/openapi.json", "/api/v1/live", "/nothing"])
def test_without_the_token_nothing_is_told(api: Api, path: str) -> None:
    """Not even whether a path exists."""
    reply = api.ask("GET", path, token=False)
    assert reply.status == 401
    assert reply.headers["content-type"] == "application/problem+json"
    assert api.ask("GET", f"{path}?token=wrong", token=False).status == 401


def test_a_browser_without_the_token_is_told_where_to_find_it(api: Api) -> None:
    """A person sees a page, not a problem document."""
    reply = api.ask("GET", "/", token=False, Accept="text/html")
    assert reply.status == 401
    assert b"hookline status" in reply.body


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_health_and_figures_need_no_token_on_loopback(api: Api, path: str) -> None:
    """Whoever restarts or scrapes a collector has none; what they get is a word, or counts."""
    assert api.ask("GET", path, token=False).status == 200


def test_status_says_how_much_room_the_disk_has(api: Api) -> None:
    """Before it is full, not only then."""
    parts = {part["name"]: part for part in api.ask("GET", "/api/v1/status").json()["parts"]}
    assert parts["disk"]["ok"]
    assert re.fullmatch(r"[\d.]+ .?B of [\d.]+ .?B free.*", parts["disk"]["detail"])


def test_whoever_looks_after_the_collector_is_told_how_much_room_the_disk_has(api: Api) -> None:
    """Before it is full, in a line beside the word that all is well; and the page is told in numbers."""
    lines = api.ask("GET", "/readyz", token=False).body.decode().splitlines()
    assert lines[0] == "ready"
    assert any(re.fullmatch(r"note: disk: [\d.]+ .?B of [\d.]+ .?B free", line) for line in lines)
    summary = api.ask("GET", "/api/v1/summary").json()
    assert 0 < summary["disk_free_bytes"] < summary["disk_total_bytes"]


def test_the_description_names_the_cookie_that_is_set(api: Api) -> None:
    """It follows the port."""
    cookie = api.ask("GET", f"/?token={api.running.client.token}", token=False).headers["set-cookie"]
    schemes = api.ask("GET", "/api/v1/openapi.json").json()["components"]["securitySchemes"]
    assert schemes["cookie"]["name"] == cookie.partition("=")[0]


def test_a_strangers_host_name_is_misdirected_even_with_the_token(api: Api) -> None:
    """DNS rebinding ends here, also for the paths that need no token."""
    assert api.ask("GET", "/api/v1/status", Host="evil.example").status == 421
    assert api.ask("GET", "/healthz", token=False, Host="evil.example").status == 421


def test_another_origin_is_forbidden_even_with_the_token(api: Api) -> None:
    """A page of another program, on another port of this machine, may not ask."""
    assert api.ask("POST", "/api/v1/query", b"{}", Origin="http://127.0.0.1:1").status == 403
    assert api.ask("GET", "/api/v1/status", Origin=f"http://{api.running.found.http}").status == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/status", "/nothing", "/assets/app/main.js"])
def test_every_answer_carries_the_headers_that_keep_a_browser_safe(api: Api, path: str) -> None:
    """Also errors; and no script or frame of others may run."""
    reply = api.ask("GET", path)
    assert all(name in reply.headers for name in SECURITY_HEADERS)
    assert "'unsafe-inline'" not in reply.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
    assert "server" not in reply.headers


def test_a_query_comes_back_as_columns_objects_and_csv(api: Api) -> None:
    """The same rows in three forms."""
    sql = "SELECT 1 AS n, 'a,b' AS t, [1, 2] AS l"
    table = api.query(sql).json()
    assert (table["columns"], table["rows"]) == (["n", "t", "l"], [[1, "a,b", [1, 2]]])
    assert api.query(sql, "json").json() == [{"n": 1, "t": "a,b", "l": [1, 2]}]
    assert api.query(sql, "csv").body == b'n,t,l\n1,"a,b","[1,2]"\n'


def test_large_integers_keep_their_digits(api: Api) -> None:
    """Nanoseconds do not fit a double; they come back whole."""
    assert b"18446744073709551615" in api.query("SELECT toUInt64(18446744073709551615) AS n").body


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "not JSON"),
        (b"[]", 400, "must be a JSON object"),
        (b"{}", 400, '"sql"'),
        (b'{"sql": 1}', 400, '"sql"'),
        (b'{"sql": "   "}', 400, '"sql"'),
        (b'{"sql": "SELEC 1"}', 400, "Syntax error"),
        (b'{"sql": "SELECT nothing FROM otel_traces"}', 400, "nothing"),
        (b'{"sql": "DROP TABLE otel_traces"}', 400, ""),
        (b'{"sql": "INSERT INTO otel_logs (Body) VALUES (1)"}', 400, ""),
        (b'{"sql": "SELECT 1; SELECT 2"}', 400, ""),
        (b'{"sql": "SELECT * FROM file(\'/etc/passwd\', LineAsString)"}', 400, ""),
        (b"x" * 1_100_000, 413, "larger than"),
        (b'{"sql": "SELECT ' + b"[" * 300 + b"1" + b"]" * 300 + b'"}', 400, "cannot be written as JSON"),
    ],
)
def test_a_bad_query_gets_a_problem_that_says_why(api: Api, body: bytes, status: int, words: str) -> None:
    """A problem document with the reason; the collector lives on."""
    reply = api.ask("POST", "/api/v1/query", body)
    assert reply.status == status, reply.body
    assert reply.headers["content-type"] == "application/problem+json"
    assert words in reply.json()["detail"]
    assert api.ask("GET", "/healthz").status == 200


def test_wrong_methods_paths_and_forms_are_problems_too(api: Api) -> None:
    """404, 405 and 400 in the same form."""
    assert api.ask("GET", "/api/v1/nothing").json()["status"] == 404
    wrong_method = api.ask("GET", "/api/v1/query")
    assert (wrong_method.status, wrong_method.headers["allow"]) == (405, "POST")
    assert api.ask("POST", "/api/v1/query?format=xml", b'{"sql": "SELECT 1"}').status == 400
    assert api.ask("GET", "/api/v1/reports/work?period=someday").status == 400
    assert api.ask("GET", "/api/v1/reports/work?timezone=Mars/Base").status == 400
    assert api.ask("GET", "/api/v1/reports/work?idle_s=-1").status == 400
    assert api.ask("GET", "/api/v1/reports/work?format=xml").status == 400


@pytest.mark.parametrize("given", ["%C2%B2", "9" * 5_000, "-1", "0", "1e3", ""])
@pytest.mark.parametrize("path", ["/api/v1/sessions?days=", "/api/v1/sessions?limit=", "/api/v1/reports/windows?days=", "/api/v1/live?limit="])
def test_what_is_no_number_within_bounds_is_a_short_problem(api: Api, path: str, given: str) -> None:
    """A superscript two is a digit and no number; thousands of digits are not repeated."""
    reply = api.ask("GET", path + given)
    assert reply.status == 400
    assert len(reply.json()["detail"]) < 300


def test_every_route_is_described_and_every_description_is_a_route(api: Api) -> None:
    """The OpenAPI document and the server agree: each described GET answers, with the described type of content."""
    document = api.ask("GET", "/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    operations = {(method, path): operation for path, methods in document["paths"].items() for method, operation in methods.items()}
    assert len({operation["operationId"] for operation in operations.values()}) == len(operations)
    for (method, path), operation in operations.items():
        if method != "get" or "{" in path:
            continue
        reply = api.ask("GET", path)
        assert reply.status == 200, (path, reply.body)
        assert reply.headers["content-type"].split(";")[0] in operation["responses"]["200"]["content"], path


def test_the_description_refers_to_nothing_that_it_does_not_hold(api: Api) -> None:
    """Every reference can be followed, and the answers hold exactly the fields that are described."""
    text = api.ask("GET", "/api/v1/openapi.json").body.decode()
    document = json.loads(text)
    schemas = document["components"]["schemas"]
    references = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert references <= set(schemas)
    for path, name in (("/api/v1/status", "CollectorStatus"), ("/api/v1/summary", "Summary")):
        assert set(api.ask("GET", path).json()) == set(schemas[name]["properties"])


def test_a_running_collector_describes_what_the_tests_of_words_look_at(api: Api) -> None:
    """The description that is made without a collector is the same, so no resource is left out of those tests."""
    document, alone = api.ask("GET", "/api/v1/openapi.json").json(), described()
    assert set(document["paths"]) == {*alone["paths"], "/api/v1/openapi.json"}
    assert document["components"]["schemas"] == alone["components"]["schemas"]


def test_an_empty_day_has_a_summary_and_a_report(api: Api) -> None:
    """Nothing recorded is not an error; the page then tells how to begin."""
    summary = api.ask("GET", "/api/v1/summary").json()
    assert (summary["has_data"], summary["totals"]["prompts"], summary["tools"]) == (False, 0, [])
    assert api.ask("GET", "/api/v1/reports/work").json()["rows"] == []
    assert api.ask("GET", "/api/v1/reports/windows").json() == {"windows": [], "weeks": [], "is_fresh": True}
