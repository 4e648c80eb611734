"""Recall and false alarms over made secrets of all known kinds, in ten encodings, and innocent text. `make redaction` prints them by kind."""

import json
import time
from random import Random

import pytest

from hookline.agent_event import Place
from hookline.privacy.capture import Policy, capture_rules
from hookline.privacy.redact import Redactor
from hookline.settings.schema import CaptureSettings
from support.redaction.encodings import ENCODINGS
from support.redaction.kinds import BEST_KNOWN, KINDS
from support.redaction.measure import measure_alarms, measure_recall
from support.soaking import share

REDACTOR = Redactor()
SEEDS = share((101,), (101, 102), range(101, 111))


@pytest.fixture(name="policy")
def full_policy() -> Policy:
    return capture_rules(CaptureSettings(level="full"))(Place())


def test_the_corpus_is_as_large_as_it_says() -> None:
    """At least 120 kinds, 55 of them best known, in ten encodings."""
    assert len(KINDS) >= 120
    assert len(BEST_KNOWN) >= 55
    assert len(ENCODINGS) == 10
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.mark.soak
def test_secrets_of_all_kinds_are_found_in_all_encodings() -> None:
    """99 of 100 of the best known kinds in every encoding, 95 of 100 of all kinds."""
    recall = measure_recall(REDACTOR, SEEDS)
    missed = "\n".join(recall.missed[:40])
    for encoding in ENCODINGS:
        assert recall.share(BEST_KNOWN, [encoding]) >= 0.99, missed
        assert recall.share([kind.name for kind in KINDS], [encoding]) >= 0.95, missed


@pytest.mark.soak
def test_innocent_text_is_left_alone() -> None:
    """At most one false alarm in a hundred of 5,000 strings, or a fifth of them in the sample."""
    count = share(1_000, 5_000, 50_000)
    alarms, texts, examples = measure_alarms(REDACTOR, count, seed=103)
    assert texts.total() == count
    assert alarms.total() <= count / 100, "\n".join(examples[:40])


@pytest.mark.parametrize(
    "code",
    [
        "token = lexer.next()",
        "password: str = field()",
        "api_key=self.api_key",
        "const token = await getToken();",
        'secret = os.environ["SECRET"]',
        "if token == '':",
    ],
)
def test_code_that_deals_with_secrets_holds_none(code: str) -> None:
    """A telling name alone is no secret."""
    assert REDACTOR.text(code) == code


def test_what_is_redacted_stays_so() -> None:
    """Redacting again changes nothing that matters: no secret, and no nested marks."""
    for kind in KINDS:
        text, _ = kind.make(Random(7))
        once = REDACTOR.text(text)
        assert "[redacted:[" not in REDACTOR.text(once)


@pytest.mark.parametrize("edge", range(0, 60, 7))
def test_a_secret_that_a_cut_would_halve_does_not_leave(policy: Policy, edge: int) -> None:
    """Wherever the limit falls in it: alone in a long text, and among many texts of a JSON value."""
    secret = "ghp_" + "a1B2c3D4e5" * 4
    text = "x " * (4_096 - edge // 2) + secret + " y" * 9_000
    assert "a1B2c3" not in policy.output_text(text)
    assert "a1B2c3" not in policy.output_json({"lines": ["z" * (8_150 - edge), secret, secret]})


@pytest.mark.long
def test_of_a_large_event_only_as_much_is_looked_at_as_may_leave(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    """12 MB in many lines, in one text, in keys, and in texts of which nothing is left; 64 MiB of one text."""
    looked_at = 0
    scrub = Redactor.text

    def counted(self: Redactor, text: str) -> str:
        nonlocal looked_at
        looked_at += len(text)
        return scrub(self, text)

    monkeypatch.setattr(Redactor, "text", counted)
    key = "-" * 5 + "BEGIN PRIVATE " + "KEY" + "-" * 5 + "\n" + "A" * 15_000
    events: list[object] = [
        {"lines": ["token = lexer.next() of a line"] * 400_000},
        {"stdout": "password=hunter2 \n" * 700_000},
        {f"key {number}": number for number in range(800_000)},
        [key] * 800,
        "eyJ" * (64 * 1024 * 1024 // 3),
    ]
    for event in events:
        looked_at = 0
        assert len(policy.output_json(event)) <= 8_192
        assert looked_at < 1_000_000


def test_a_redacted_value_holds_no_secret_of_an_argument_list_or_a_named_value() -> None:
    """`["mysql", "--password", "x"]`, `{"name": "DB_PASSWORD", "value": "x"}`, the data of a Kubernetes secret."""
    value = {
        "argv": ["mysqldump", "--password", "hunter2", "--user", "ana"],
        "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "EDITOR", "value": "vi"}],
        "object": {"kind": "Secret", "data": {"db": "aHVudGVyMg=="}},
    }
    scrubbed = json.dumps(REDACTOR.value(value))
    assert "hunter2" not in scrubbed
    assert "aHVudGVyMg" not in scrubbed
    assert "vi" in scrubbed
    assert "ana" in scrubbed


@pytest.mark.soak
@pytest.mark.parametrize(
    "text",
    [
        "\\u001b[" * 200_000,
        "%25" * 300_000,
        "\\" * 1_000_000,
        "&quot;" * 150_000,
        "mysql " * 160_000,
        "name: key: " * 90_000,
        "kind: Secret\ndata:\n" * 50_000,
        "pass:" * 200_000,
    ],
    ids=["colours", "percents", "backslashes", "entities", "commands", "names", "kubernetes", "pass"],
)
def test_escapes_and_commands_made_to_be_slow_take_linear_time(text: str) -> None:
    """Four times the text takes about four times the processor's time; a quarter of it in the sample."""
    text = text[: len(text) // share(4, 1, 1)]
    quarter, whole = (seconds(part) for part in (text[: len(text) // 4], text))
    assert whole < 8 * quarter + 0.5


def seconds(text: str) -> float:
    began = time.process_time()
    REDACTOR.text(text)
    return time.process_time() - began
