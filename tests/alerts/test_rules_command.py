"""`hookline rules check` and `test`: rule files without a collector; what is wrong makes the command fail."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from alerts.test_rule_tests import TESTS, written
from hookline.cli.rules import command
from hookline_collector.alerts import rule_fields


def run(*arguments: str) -> tuple[int, str, str]:
    """Run the command; return its exit code and what it said."""
    done = CliRunner().invoke(command, arguments)
    return done.exit_code, done.stdout, done.stderr


def test_check_tells_every_problem_and_fails(tmp_path: Path) -> None:
    """A line each, with its place."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("groups: [{name: g, rules: [{alert: A, log: x, above: 1}]}]\n")
    bad.write_text("groups:\n  - name: g\n    rules:\n      - {alert: A, logg: x, above: one}\n")
    assert run("check", str(good)) == (0, "1 rules in 1 files, nothing wrong.\n", "")
    code, said, wrong = run("check", str(good), str(bad))
    assert (code, said) == (1, "")
    assert [line.partition(": ")[0] for line in wrong.splitlines()] == [f"{bad}:4:9", f"{bad}:4:26", f"{bad}:4:36"]


def test_the_schema_is_printed_as_it_is_shipped() -> None:
    """Editors read it from a file that people make of this."""
    assert run("schema") == (0, Path(rule_fields.__file__).with_name("rules.schema.json").read_text(), "")


def test_test_tells_what_does_not_hold_and_fails(tmp_path: Path) -> None:
    """And how many do."""
    assert run("test", str(written(tmp_path, TESTS)))[:2] == (0, f"{tmp_path / 'tests.yaml'}: 21 of 21 hold\n")
    code, said, wrong = run("test", str(written(tmp_path, TESTS.replace("host: a}", "host: b}"))))
    assert (code, said) == (1, f"{tmp_path / 'tests.yaml'}: 20 of 21 hold\n")
    assert wrong.startswith("all of it: Queue at 4m30s\n  expected:\n")
