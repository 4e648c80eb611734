"""What we use of other people's private interfaces: each is there, and its library has an upper bound in pyproject.toml.

A release that changes one breaks here, before it breaks a fresh install.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import smtplib
import sys
import threading
import tomllib
from importlib.metadata import version
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from _pytest.assertion import rewrite
from hypothesis.internal.conjecture import providers
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogExporter
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogExporter
from opentelemetry.sdk._logs import ReadableLogRecord
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState
from xdist.remote import WorkerInteractor  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from hookline.export.endpoint import OtlpEndpoint
from hookline.export.grpc import open_grpc
from hookline.export.http import open_http
from support import short_reports
from support.soaking import IS_SAMPLE
from support.stores import kept_open

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BOUNDED = {  # by the name of its package
    "uvicorn": "uvicorn",
    "clickhouse_connect": "clickhouse-connect",
    "opentelemetry": "opentelemetry-sdk",
    "opentelemetry.exporter": "opentelemetry-exporter-otlp",
    "_pytest": "pytest",
    "hypothesis": "hypothesis",
    "xdist": "pytest-xdist",
    "grpc": "grpcio",  # in tests alone, whose guards watch it
}
PRIVATE_MODULE = re.compile(r"^ *(?:from|import) +(\w+)((?:\.\w+)*(?:\._\w+|\.internal)\b|(?<=_pytest)\b)", re.MULTILINE)
SOURCES = ("instrumentation/hookline", "collector/hookline_collector", "tests")


@pytest.mark.parametrize("name", BOUNDED.values())
def test_a_library_whose_private_interfaces_are_used_has_an_upper_bound(name: str) -> None:
    """A new minor version is tried here first; the installed one is inside the bound."""
    project = PYPROJECT["project"]
    extras = project["optional-dependencies"]
    asked = [Requirement(text) for text in (*project["dependencies"], *extras["collector"], *extras["dev"])]
    bounds = [bound for one in asked if one.name == name for bound in one.specifier]
    assert any(bound.operator == "<" for bound in bounds)
    assert version(name) in SpecifierSet(",".join(map(str, bounds)))


def test_a_private_module_is_imported_of_no_other_library() -> None:
    """Of Python's own, or of one with an upper bound: whoever imports another one bounds it first."""
    files = [path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")]
    found = {root for path in files for root, _ in PRIVATE_MODULE.findall(path.read_text())}
    assert found - sys.stdlib_module_names <= BOUNDED.keys()
    assert {"opentelemetry", "clickhouse_connect", "_pytest", "hypothesis"} <= found


async def test_uvicorns_http_protocol_is_built_as_our_connection_needs_it() -> None:
    """`BoundedConnection` overrides these methods and reads these attributes."""
    methods = ("_unset_keepalive_if_required", "connection_lost", "connection_made", "data_received", "on_header", "on_headers_complete")
    assert all(callable(getattr(HttpToolsProtocol, name)) for name in (*methods, "on_message_begin", "on_message_complete", "pause_writing"))
    protocol = HttpToolsProtocol(uvicorn.Config(app=lambda: None, log_config=None), ServerState(), {}, asyncio.get_running_loop())
    assert all(hasattr(protocol, name) for name in ("cycle", "flow", "parser", "pipeline", "scheme", "transport", "loop"))
    assert list(inspect.signature(FlowControl.__init__).parameters) == ["self", "transport"]
    assert {"keep_alive", "more_body", "response_started", "response_complete"} <= set(_assigned(RequestResponseCycle))


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
def test_the_sdks_exporters_let_us_watch_each_attempt(signal: str) -> None:
    """Over gRPC the stub is wrapped where the SDK makes it, over HTTP the session is ours: nothing is connected yet."""
    for open_exporter in (open_grpc, open_http):
        exporter, attempt = open_exporter(signal, OtlpEndpoint("http://127.0.0.1:9", True, True, {}, "", 1.0))
        assert attempt.is_watched
        exporter.shutdown()


def test_the_sdks_log_signal_lies_where_we_import_it_from() -> None:
    """Its modules are private as long as the signal is not stable."""
    assert all(callable(each.export) for each in (GrpcLogExporter, HttpLogExporter))
    assert {"log_record", "resource", "instrumentation_scope"} <= set(inspect.signature(ReadableLogRecord).parameters)


def test_pythons_parser_of_patterns_tells_what_a_pattern_repeats() -> None:
    """A person's own redaction patterns are judged by it."""
    ((operation, _),) = _parser.parse("a+")
    assert operation is _constants.MAX_REPEAT


def _assigned(kind: type[Any]) -> list[str]:
    return [
        name for line in inspect.getsource(kind.__init__).splitlines() if (name := line.strip().removeprefix("self.").partition(" ")[0].rstrip(":"))
    ]


def test_a_client_of_the_engine_takes_what_another_was_told() -> None:
    """Only the first asks for a thousand settings; what it is told is handed to one method, whole."""
    first = kept_open("embedded")._backend
    with first.open("system", {"max_threads": "1"}) as known:
        asked: list[Any] = []
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(type(known), "_execute_operation", lambda _, operation: asked.append(operation))
            opened = first.open("system", {"max_threads": "1"})
        with opened as another:
            assert asked == []
            assert (another.server_version, another.server_tz, another.server_settings) == (
                known.server_version,
                known.server_tz,
                known.server_settings,
            )
            assert len(known.server_settings) > 1_000
            assert another.get_client_setting("date_time_input_format") == known.get_client_setting("date_time_input_format") == "best_effort"


def test_smtp_connects_by_a_method_that_can_be_replaced() -> None:
    """Mail goes to an address that was checked; `starttls` asks for the name that stands in `_host`."""
    assert list(inspect.signature(smtplib.SMTP._get_socket).parameters) == ["self", "host", "port", "timeout"]  # type: ignore[attr-defined]
    assert list(inspect.signature(smtplib.SMTP_SSL._get_socket).parameters) == ["self", "host", "port", "timeout"]  # type: ignore[attr-defined]
    assert smtplib.SMTP()._host == ""  # type: ignore[attr-defined]
    assert "server_hostname=self._host" in inspect.getsource(smtplib.SMTP.starttls)


def test_what_services_use_of_other_libraries_inside_is_there() -> None:
    """The key that keeps exporters' calls out, asyncpg's address and pool, SQLAlchemy's pool size: without one, its figure is missing."""
    import asyncpg
    from asyncpg.pool import Pool
    from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY
    from sqlalchemy.pool import QueuePool

    assert _SUPPRESS_INSTRUMENTATION_KEY
    assert {"_addr", "_params"} <= set(asyncpg.Connection.__slots__)
    assert inspect.iscoroutinefunction(Pool._acquire)
    assert hasattr(QueuePool(lambda: None), "_max_overflow")  # type: ignore[arg-type]


def test_a_worker_tells_of_its_tests_by_what_is_cut_short(request: pytest.FixtureRequest) -> None:
    """pytest-xdist's plugin has that name and tells of each report by `sendevent`; what says nothing is not told, the rest whole."""
    sent: list[tuple[str, dict[str, Any]]] = []
    channel = SimpleNamespace(send=sent.append, gateway=SimpleNamespace(execmodel=threading))
    found: list[Any] = []
    manager = SimpleNamespace(register=found.append, get_plugins=lambda: found)
    option = SimpleNamespace(debug=False, durations=None, xmlpath=None)
    config: Any = SimpleNamespace(workerinput={"testrunuid": ""}, option=option, pluginmanager=manager, hook=request.config.hook)
    worker = WorkerInteractor(config, channel)
    worker.session, worker.item_index = SimpleNamespace(items=[SimpleNamespace(nodeid="a")], config=config), 0
    short_reports.pytest_sessionstart(worker.session)
    for when in ("setup", "call", "teardown"):
        worker.pytest_runtest_logreport(pytest.TestReport("a", ("a", 0, "a"), {"word": 1}, "passed", None, when))
    worker.pytest_runtest_logreport(pytest.TestReport("a", ("a", 0, "a"), {"word": 1}, "failed", "why", "teardown"))
    told = [(name, more["data"]["when"], more["data"]["outcome"], more["data"]["keywords"]) for name, more in sent]
    assert told == [("testreport", "call", "passed", {}), ("testreport", "teardown", "failed", {"word": 1})]


@pytest.mark.skipif(not IS_SAMPLE, reason="in a soak constants of our modules are drawn")
def test_hypothesis_draws_no_constants_of_our_modules() -> None:
    """It asks `is_local_module_file` where tests/conftest.py answers."""
    assert [*providers._get_local_constants()] == []


def test_pytest_rewrites_and_keeps_a_test_by_what_a_fresh_clone_asks() -> None:
    """Each worker rewrites its part before it collects."""
    asked = (rewrite._rewrite_test, rewrite._write_pyc, rewrite.get_cache_dir, rewrite.try_makedirs)
    assert [len(inspect.signature(each).parameters) for each in asked] == [2, 4, 1, 1]
    assert list(inspect.signature(LoadScopeScheduling._split_scope).parameters) == ["self", "nodeid"]
