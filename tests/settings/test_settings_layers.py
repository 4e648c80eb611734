"""Settings: flag over environment over file over default, each with its origin, secrets never shown."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from hookline.errors import ConfigInvalid
from hookline.settings import load, rows
from hookline.settings.describe import effective, to_markdown, to_toml
from support.person import Person

REFERENCE = Path(__file__).parents[2] / "docs" / "configuration.md"
Write = Callable[[str], Path]


def shown(person: Person, *arguments: str, **environment: str) -> dict[str, tuple[object, str]]:
    """Return what `hookline config --format json` says: value and origin by key."""
    done = person.hookline("config", "--format", "json", *arguments, env=environment)
    assert done.returncode == 0, done.stderr
    return {row["key"]: (row["value"], row["origin"]) for row in json.loads(done.stdout)}


def test_each_layer_counts_over_the_one_below_and_is_named(person: Person, settings_file: Write) -> None:
    """`hookline config` says where each value came from."""
    path = settings_file('[collector]\nhttp = "127.0.0.1:1"\notlp_http = "127.0.0.1:2"\notlp_grpc = "127.0.0.1:3"\n')
    found = shown(person, "--set", "collector.http=127.0.0.1:9", HOOKLINE_COLLECTOR_HTTP="127.0.0.1:5", HOOKLINE_COLLECTOR_OTLP_HTTP="127.0.0.1:6")
    assert found["collector.http"] == ("127.0.0.1:9", "flag")
    assert found["collector.otlp_http"] == ("127.0.0.1:6", "HOOKLINE_COLLECTOR_OTLP_HTTP")
    assert found["collector.otlp_grpc"] == ("127.0.0.1:3", str(path))
    assert found["relay.protocol"] == ("grpc", "default")


def test_options_before_the_command_count_as_well(person: Person, tmp_path: Path) -> None:
    """`hookline --data-dir X config` and `hookline config --data-dir X` mean the same."""
    before = person.hookline("--data-dir", str(tmp_path / "x"), "config", "--format", "json").stdout
    after = person.hookline("config", "--data-dir", str(tmp_path / "x"), "--format", "json").stdout
    assert before == after
    assert str(tmp_path / "x") in before


def test_a_settings_file_named_by_hand_must_exist(person: Person) -> None:
    """A mistyped path is not the same as no settings."""
    done = person.hookline("config", "--config", "/nowhere/config.toml")
    assert done.returncode == 2
    assert "the file /nowhere/config.toml does not exist" in done.stderr


@pytest.mark.parametrize("form", ["table", "json", "toml"])
def test_secrets_are_never_printed(person: Person, form: str) -> None:
    """A screenshot of the settings gives nothing away."""
    secrets = {"HOOKLINE_COLLECTOR_OTLP_TOKEN": "s3cret-a", "HOOKLINE_STORE_PASSWORD": "s3cret-b", "HOOKLINE_RELAY_HEADERS": "authorization=s3cret-c"}
    done = person.hookline("config", "--format", form, env=secrets)
    assert "s3cret" not in done.stdout + done.stderr
    assert "***" in done.stdout


def test_the_printed_settings_file_gives_the_same_settings(tmp_path: Path) -> None:
    """`hookline config --format toml > config.toml` can be kept; what is default stays a comment."""
    flags = {"relay.user": 'Ann "A." Ä\\', "capture.projects": {"shop/*": "full"}, "collector.allowed_hosts": ["a", "b"], "journal.fsync": "false"}
    first = load(flags, {"HOME": str(tmp_path)})
    path = tmp_path / "config.toml"
    path.write_text(to_toml(first))
    again = load({}, {"HOME": str(tmp_path), "HOOKLINE_CONFIG": str(path)})
    assert again.settings == first.settings
    written = {f"{section}.{name}" for section, names in tomllib.loads(path.read_text()).items() for name in names}
    assert written == set(flags)


def test_every_problem_of_every_layer_is_reported_at_once(tmp_path: Path) -> None:
    """One start is enough to learn of all mistakes."""
    path = tmp_path / "config.toml"
    path.write_text('colour = "red"\n[relay]\nspeed = 3\nsample_s = -1\n')
    with pytest.raises(ConfigInvalid) as caught:
        load({"store.max_threads": "many"}, {"HOME": str(tmp_path), "HOOKLINE_CONFIG": str(path), "HOOKLINE_JOURNAL_MAX_BYTES": "inf"})
    assert {key for key, _ in caught.value.problems} == {"colour", "relay.speed", "relay.sample_s", "store.max_threads", "journal.max_bytes"}


def test_every_setting_has_a_meaning_and_a_unique_variable() -> None:
    """The reference and the environment are complete."""
    found = list(rows())
    assert all(row.meaning.endswith(".") for row in found)
    assert len({row.variable for row in found}) == len(found)


def test_the_reference_of_the_settings_is_current() -> None:
    """docs/configuration.md is what `make docs` writes."""
    assert REFERENCE.read_text() == to_markdown(), "run `make docs`"


def test_effective_settings_come_in_the_order_of_the_schema(tmp_path: Path) -> None:
    """A person finds a key where the reference has it."""
    assert [entry.key for entry in effective(load({}, {"HOME": str(tmp_path)}))] == [row.key for row in rows()]
