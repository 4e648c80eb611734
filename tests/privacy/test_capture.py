"""Which level a project has, and what each level lets out."""

from pathlib import Path

import pytest

from hookline.agent_event import Place
from hookline.errors import ConfigInvalid
from hookline.privacy.capture import LEVELS, capture_rules
from hookline.settings.schema import CaptureSettings
from support.cases import with_each

SHOP = Place(project="shop", root="/srv/shop")


def level(projects: dict[str, str], place: Place = SHOP, default: str = "metadata") -> str:
    return capture_rules(CaptureSettings(level=default, projects=projects)).level_of(place)  # type: ignore[arg-type]


def test_the_default_lets_nothing_out() -> None:
    """Private unless a person says otherwise."""
    policy = capture_rules(CaptureSettings())(SHOP)
    assert policy.level == "metadata"
    assert (policy.input_text("x"), policy.input_json({"a": 1}), policy.output_text("x"), policy.output_json("x")) == ("", "", "", "")


@with_each(
    "projects, expected",
    [
        ({"shop": "full"}, "full"),
        ({"/srv/shop": "inputs"}, "inputs"),
        ({"/srv/*": "inputs"}, "inputs"),
        ({"/srv": "inputs"}, "inputs"),
        ({"/srv/": "inputs"}, "inputs"),
        ({"/srv/sho": "inputs"}, "metadata"),
        ({"*": "full"}, "metadata"),
        ({"other": "full"}, "metadata"),
        ({"/srv/shop": "metadata", "shop": "full"}, "metadata"),
        ({"shop": "full", "/srv/shop": "metadata"}, "full"),
    ],
)
def test_the_first_entry_that_names_a_project_counts(projects: dict[str, str], expected: str) -> None:
    """By name, or by a glob over its root folder and what lies below."""
    assert level(projects) == expected


@with_each(
    "url, projects, expected",
    [
        ("https://github.com/acme/shop", {"shop": "full"}, "metadata"),
        ("https://evil.example/x/shop", {"shop": "full"}, "metadata"),
        ("https://github.com/acme/shop", {"github.com/acme/shop": "full"}, "full"),
        ("https://github.com/Acme/Shop", {"github.com/acme/shop": "full"}, "full"),
        ("https://github.com/acme/shop", {"github.com/acme/*": "full"}, "full"),
        ("https://evil.example/github.com/acme/shop", {"github.com/acme/shop": "full"}, "metadata"),
        ("https://github.com.evil.example/acme/shop", {"github.com/acme/shop": "full"}, "metadata"),
        ("https://evil.example/acme/shop", {"*/acme/shop": "full"}, "metadata"),
        ("https://github.com/evil/acme/shop", {"github.com/*/shop": "full"}, "metadata"),
        ("", {"github.com/acme/shop": "full"}, "metadata"),
    ],
)
def test_a_remote_that_merely_ends_in_a_name_is_not_trusted(url: str, projects: dict[str, str], expected: str) -> None:
    """Only the whole remote, or the folder, lets more out than the default."""
    assert level(projects, Place(project="shop", root="/tmp/clone", url=url)) == expected


def test_a_name_may_always_let_less_out() -> None:
    """Whatever the remote."""
    place = Place(project="shop", root="/tmp/clone", url="https://github.com/acme/shop")
    assert level({"shop": "metadata"}, place, default="full") == "metadata"


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a shell."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert level({"~/work": "full"}, Place(project="x", root=str(tmp_path / "work" / "x"))) == "full"


def test_a_place_without_a_root_has_the_default() -> None:
    """A foreign or unknown folder gets no project's level by accident."""
    assert level({"/srv/*": "full"}, Place()) == "metadata"


def test_every_level_that_is_none_is_reported() -> None:
    """All at once, each with its key."""
    with pytest.raises(ConfigInvalid) as caught:
        capture_rules(CaptureSettings(projects={"a": "all", "b": "full", "c": "none"}))
    assert [key for key, _ in caught.value.problems] == ["capture.projects.a", "capture.projects.c"]


@pytest.mark.parametrize("name", LEVELS)
def test_whatever_leaves_is_redacted_and_cut(name: str) -> None:
    """At each level that lets text out at all, and for the names that leave at every level."""
    policy = capture_rules(CaptureSettings(level=name, max_value_chars=60))(SHOP)  # type: ignore[arg-type]
    secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
    texts = [
        policy.input_text(f"x {secret}"),
        policy.input_json({"a": secret, "password": "p"}),
        policy.output_text(secret),
        policy.output_json([secret] * 9),
    ]
    assert all(secret not in text and len(text) <= 60 for text in texts)
    assert policy.label(f"tool {secret}") == "tool [redacted:github]"


def test_json_that_holds_anything_becomes_text() -> None:
    """Numbers, nothing, lone surrogates."""
    policy = capture_rules(CaptureSettings(level="full"))(SHOP)
    assert policy.output_json({"a": [1, None, True, 1.5, "\ud800"]}).encode() == '{"a":[1,null,true,1.5,"�"]}'.encode()
