"""Who is let in: hosts, origins, tokens, as pure decisions; and the token's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookline.errors import ConfigInvalid
from hookline_collector.api.http.policy import ApiPolicy
from hookline_collector.api.http.token import ensure_token
from support.cases import with_each

KEEPER = ApiPolicy("s3cret", frozenset({"localhost", "box.example"}), 4319)


@with_each("host", ["localhost", "localhost:4319", "LOCALHOST", "127.0.0.1:1", "[::1]:4319", "box.example:80", "app.localhost", "10.0.0.7"])
def test_our_names_and_plain_addresses_are_known_hosts(host: str) -> None:
    """An address written as a number cannot be rebound to by a stranger's name."""
    assert KEEPER.knows_host(host)


@with_each(
    "host",
    [
        None,
        "",
        "evil.example",
        "localhost.evil.example",
        "box.example.evil",
        "127.0.0.1.evil.example",
        "evil.example:4319",
        "127.0.0.1:4319@evil.example",
        "localhost:4319@evil.example",
        "localhost@evil.example",
        "localhost:99999999",
        "localhost/x",
        "localhost, evil.example",
        "[::1]evil.example",
        "[::1",
        "localhost:4319:4319",
    ],
)
def test_a_strangers_name_is_no_host_of_ours(host: str | None) -> None:
    """DNS rebinding: the browser sends the stranger's name, and gets nothing."""
    assert not KEEPER.knows_host(host)


@with_each(
    "origin, known",
    [
        (None, True),
        ("http://localhost:4319", True),
        ("http://localhost:8080", False),
        ("null", False),
        ("https://evil.example", False),
        ("http://localhost:4319.evil.example", False),
        ("https://localhost:4319", True),
        ("ftp://localhost:4319", False),
        ("localhost:4319", False),
    ],
)
def test_only_our_own_origin_may_ask(origin: str | None, known: bool) -> None:
    """A page on another port of this machine is another program's page."""
    assert KEEPER.knows_origin(origin, "localhost:4319") is known


def test_with_tls_the_same_name_over_http_is_another_origin() -> None:
    """Whoever can answer for our name in plain text is somebody else."""
    assert KEEPER.knows_origin("https://localhost:4319", "localhost:4319", tls=True)
    assert not KEEPER.knows_origin("http://localhost:4319", "localhost:4319", tls=True)


def test_the_token_is_taken_as_bearer_and_its_derivative_as_cookie() -> None:
    """The cookie is of no use as a token, and the token of none as a cookie."""
    cookie = f"other=1; hookline_4319={KEEPER.cookie_value}"
    assert KEEPER.admits("Bearer s3cret", None)
    assert KEEPER.admits("bearer s3cret", None)
    assert KEEPER.admits(None, cookie)
    assert not KEEPER.admits(f"Bearer {KEEPER.cookie_value}", None)
    assert not KEEPER.admits(None, "hookline_4319=s3cret")


@with_each("given", [None, "", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3crett", "Basic s3cret", "Bearer ü", "s3cret"])
def test_anything_else_is_not_let_in(given: str | None) -> None:
    """Also nothing at all, and what is not ASCII."""
    assert not KEEPER.admits(given, None)
    assert not KEEPER.admits(given, "hookline_4319=; =;;,")


def test_a_wrong_bearer_is_not_saved_by_a_right_cookie() -> None:
    """Who shows a token is judged by it."""
    assert not KEEPER.admits("Bearer wrong", f"hookline_4319={KEEPER.cookie_value}")


def test_the_token_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    """The file has 0600 from its first moment, and stays what it was."""
    path = tmp_path / "data" / "token"
    first = ensure_token(path)
    assert len(first) >= 32
    assert ensure_token(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["token"]


def test_an_empty_token_file_gets_a_token(tmp_path: Path) -> None:
    """A disk that was full when the file was made does not leave the door open."""
    path = tmp_path / "token"
    path.touch(mode=0o600)
    assert len(ensure_token(path)) >= 32


def test_a_token_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """It says which file, and what to do."""
    path = tmp_path / "token"
    path.write_text("abc")
    path.chmod(0o644)
    with pytest.raises(ConfigInvalid, match="remove the file"):
        ensure_token(path)
