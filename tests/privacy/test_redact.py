"""Secrets of the field, and the time that looking for them takes."""

import json
import string
import time
from random import Random

import pytest

from hookline.errors import ConfigInvalid
from hookline.privacy.patterns import PATTERNS
from hookline.privacy.redact import Redactor
from support.cases import with_each
from support.soaking import share

REDACTOR = Redactor()
BODY = "0123456789abcdefghijABCDEFGHIJ0123456789abcdefghij"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nq1w2e3r4t5y6\n-----END RSA PRIVATE KEY-----"

# (text, the part that must not be there afterwards)
SECRETS = [
    ("key AKIAIOSFODNN7EXAMPLE in us-east-1", "AKIAIOSFODNN7EXAMPLE"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"),
    (f"ghp_{BODY[:36]}", BODY[:36]),
    (f"remote: gho_{BODY[:36]},", BODY[:36]),
    (f"github_pat_11ABCDEFG0_{BODY}", BODY),
    ("glpat-ABCdef_123456-7890xy", "ABCdef_123456"),
    ("xoxb-123456789012-1234567890123-abcdefGHIJ", "1234567890123-abcdef"),
    ("https://hooks.slack.com/services/T000/B000/XXXXXXXXXXXX", "XXXXXXXXXXXX"),
    (f"sk_live_{BODY[:24]}", BODY[:24]),
    (f"rk_test_{BODY[:24]}", BODY[:24]),
    (f"sk-{BODY[:48]}", BODY[:48]),
    (f"sk-proj-{BODY}", BODY),
    (f"sk-ant-api03-{BODY}", BODY),
    (f"AIza{BODY[:35]}", BODY[:35]),
    (f"ya29.{BODY}", BODY),
    (f"npm_{BODY[:36]}", BODY[:36]),
    (f"//registry.example.com/:_authToken={BODY}", BODY),
    (f"pypi-{BODY}", BODY),
    (f"hf_{BODY[:34]}", BODY[:34]),
    (f"SG.{BODY[:22]}.{BODY[:43]}", BODY[:43]),
    (JWT, "dozjgNryP4J3"),
    (f"cookie jar: {JWT}", "eyJzdWIi"),
    (PEM, "q1w2e3r4t5y6"),
    (json.dumps({"pem": PEM}), "q1w2e3r4t5y6"),
    (PEM[:60], "MIIEowIBAAKCAQEA"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk", "b3BlbnNzaC1rZXk"),
    ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
    ("authorization: Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNz"),
    ('{"Authorization": "token 0a1b2c3d4e"}', "0a1b2c3d4e"),
    ("curl -H 'Authorization: Bearer s3cr3t' https://x", "s3cr3t"),
    ("bearer abcdefghijklmnop", "abcdefghijklmnop"),
    ("Set-Cookie: sid=31d4d96e407aad42; Path=/", "31d4d96e407aad42"),
    ("postgres://shop:hunter2@db.example.com:5432/shop", "hunter2"),
    ("mongodb+srv://shop:hunter2@cluster0.example.net", "hunter2"),
    ("redis://:hunter2@cache:6379", "hunter2"),
    (f"https://{BODY[:30]}@git.example.com/x", BODY[:30]),
    ("Server=db;Database=shop;User Id=sa;Password=hunter2;", "hunter2"),
    ("AccountName=x;AccountKey=abc123+/==;EndpointSuffix=core", "abc123"),
    ("PASSWORD=hunter2 ./run", "hunter2"),
    ("export DB_PASSWORD='hunter two'", "hunter two"),
    ("MY_SERVICE_KEY=abcdef123", "abcdef123"),
    ("SENTRY_DSN=https://abc@o1.example.com/2", "abc@o1"),
    ("password: hunter2", "hunter2"),
    ("client_secret=hunter2&x=1", "hunter2"),
    ('"apiKey": "hunter2"', "hunter2"),
    ("api-key => 'hunter2'", "hunter2"),
    ("mysql --password hunter2 shop", "hunter2"),
    ("tool --api-key=hunter2", "hunter2"),
    ("deploy --auth-token hunter2", "hunter2"),
    ("curl -u ana:hunter2 https://x", "hunter2"),
    ("https://x/cb?code=hunter2&state=1", "hunter2"),
    ("https://s3/x?X-Amz-Signature=hunter2abc", "hunter2abc"),
    ('echo "{\\"password\\": \\"hunter2\\"}"', "hunter2"),
    ("AGE-SECRET-KEY-1" + "Q" * 58, "QQQQQQQQ"),
]

HARMLESS = [
    "ls -la /srv/shop && git status",
    "max_tokens: 4096, input_tokens=12",
    "The author wrote a secretary's tokenizer.",
    "PWD=/srv/shop OLDPWD=/srv",
    "def charge(card):\n    return retries",
    "https://example.com/a/b?page=2",
    "PATH=/usr/bin:/bin",
    "skip the risk-free task-based approach",
    "git commit -m 'Pass the salt'",
    "a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0",
]


@with_each("text, secret", SECRETS)
def test_a_secret_does_not_leave(text: str, secret: str) -> None:
    """Alone, in the middle of a line, quoted, and in a line of its own."""
    for around in ("{}", "before {} after", "line\n{}\nline", "x=1; {}"):
        scrubbed = REDACTOR.text(around.format(text))
        assert secret not in scrubbed
        assert "[redacted:" in scrubbed


@with_each("text", HARMLESS)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    """Redaction that takes everything away is of no use."""
    assert REDACTOR.text(text) == text


def test_what_stands_around_a_secret_stays() -> None:
    """The host of a connection string, the name of a variable."""
    assert REDACTOR.text("psql postgres://shop:hunter2@db/shop") == "psql postgres://shop:[redacted:url-password]@db/shop"
    assert REDACTOR.text("STRIPE_KEY=abc node app.js") == "STRIPE_KEY=[redacted:variable] node app.js"


@with_each("text, secret", SECRETS)
def test_redaction_is_stable(text: str, secret: str) -> None:
    """What is redacted stays so when it is redacted again."""
    once = REDACTOR.text(text)
    assert secret not in REDACTOR.text(once)


def test_values_under_secret_keys_are_taken_out_at_any_depth() -> None:
    """By the key's name, whatever the value looks like."""
    value = {
        "a": [{"db": {"Password": "x", "user": "ana"}}],
        "apiKey": ["y"],
        "access_token": {"z": 1},
        "max_tokens": 5,
        "token": None,
        "headers": {"Cookie": "q"},
    }
    assert REDACTOR.value(value) == {
        "a": [{"db": {"Password": "[redacted:key]", "user": "ana"}}],
        "apiKey": "[redacted:key]",
        "access_token": "[redacted:key]",
        "max_tokens": 5,
        "token": None,
        "headers": {"Cookie": "[redacted:key]"},
    }


def test_an_environment_in_json_loses_its_secrets() -> None:
    """Names in capitals are read as variables are."""
    env = {"STRIPE_KEY": "abc", "PATH": "/bin", "PWD": "/srv", "DB_PASS": "x"}
    assert REDACTOR.value({"env": env})["env"] == {"STRIPE_KEY": "[redacted:key]", "PATH": "/bin", "PWD": "/srv", "DB_PASS": "[redacted:key]"}


def test_a_persons_pattern_finds_what_lies_where_a_long_line_is_cut() -> None:
    """Wherever in a line of words it stands."""
    redactor = Redactor((r"ACME-\d{4}",))
    for pad in range(4_080, 4_100):
        assert "ACME-" not in redactor.text("x" * (pad - 9) + " " + "y" * 7 + " ACME-1234 " + "z " * 5_000)


def test_a_value_of_any_depth_is_walked() -> None:
    """Deeper than a limit nothing is kept."""
    value: object = "password=hunter2"
    for _ in range(500):
        value = [value]
    assert "hunter2" not in repr(REDACTOR.value(value))


def test_text_is_scrubbed_before_it_is_cut() -> None:
    """No half of a secret is left at the end, wherever the cut falls."""
    token = f"ghp_{BODY[:36]}"
    for length in range(1, 80):
        assert "ghp_" not in REDACTOR.cut(f"{'x' * 30} {token} {'y' * 30}", length)


@pytest.mark.soak
def test_the_far_edge_of_a_long_text_is_not_kept() -> None:
    """A secret that the window cuts in two is beyond what is kept, also when much before it was redacted."""
    many = "\n".join(f"-----BEGIN PRIVATE KEY-----\n{'A' * 900}\n-----END PRIVATE KEY-----" for _ in range(80))
    for pad in range(0, 200, share(28, 7, 1)):
        text = many + "x" * pad + " glpat-" + "S3CRET" * 30 + "y" * 200_000
        assert "S3CRET" not in REDACTOR.cut(text, 8_192)


def test_a_cut_text_says_so_and_is_no_longer_than_asked() -> None:
    """The last character is an ellipsis."""
    assert REDACTOR.cut("abcdef", 6) == "abcdef"
    assert REDACTOR.cut("abcdefg", 6) == "abcde…"
    assert REDACTOR.cut("abc", 0) == ""


ADVERSARIAL = {
    "eyJ": "eyJ" * 350_000,
    "jwt without dots": "eyJ" + "a" * 1_000_000,
    "pem begins": "-----BEGIN PRIVATE KEY-----" * 37_000,
    "pem begins, one end": "-----BEGIN PRIVATE KEY-----" * 37_000 + "-----END PRIVATE KEY-----",
    "urls": "://" * 350_000,
    "users": "://a:" * 200_000,
    "password words": "password" * 125_000,
    "passwords and spaces": "password   " * 90_000,
    "assignments": "password=" * 110_000,
    "quotes": 'password="' * 100_000,
    "bearer": "bearer " * 140_000,
    "authorization": "authorization: " * 66_000,
    "capitals": "A" * 1_000_000 + "KEY",
    "capitals with underscores": "A_" * 500_000,
    "sk": "sk-" * 350_000,
    "dashes": "--" * 500_000 + "token",
    "options": "--a-b-" * 160_000,
    "-u": "-u " * 350_000,
    "question marks": "?key" * 250_000,
    "SG": "SG." * 330_000,
    "cookies": "cookie:" * 140_000,
    "slashes": "hooks.slack.com/services/" * 40_000,
    "backslashes": "token\\" * 160_000,
    "noise": "".join(Random(1).choices(string.printable, k=100_000)) * 10,
}


@pytest.mark.soak
@pytest.mark.parametrize("name", ADVERSARIAL)
def test_a_megabyte_made_to_be_slow_is_scrubbed_in_linear_time(name: str) -> None:
    """Four times the text takes about four times the processor's time, not sixteen: no pattern backtracks over the whole of it.

    A tenth of a megabyte in the sample, which would take a second if it were sixteen times.
    """
    text = ADVERSARIAL[name][: share(100_000, 1_000_000, 1_000_000)]
    quarter, whole = (_seconds(part) for part in (text[: len(text) // 4], text))
    assert whole < 8 * quarter + 0.5


def _seconds(text: str) -> float:
    began = time.process_time()
    REDACTOR.text(text)
    return time.process_time() - began


def test_a_long_text_costs_what_its_window_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty megabytes of output are not walked for the eight kilobytes that are kept."""
    walked: list[int] = []
    scrub = Redactor.text

    def counted(self: Redactor, text: str) -> str:
        walked.append(len(text))
        return scrub(self, text)

    monkeypatch.setattr(Redactor, "text", counted)
    assert len(REDACTOR.cut("password " * 2_300_000, 8_192)) == 8_192
    assert sum(walked) < 100_000


def test_needles_are_lower_case() -> None:
    """They are looked for in the lower-cased text."""
    for pattern in PATTERNS:
        assert all(needle == needle.lower() for needle in pattern.needles)


def test_a_persons_own_patterns_are_applied() -> None:
    """`capture.redact_extra`."""
    redactor = Redactor((r"ACME-\d{4}", r"internal\.[a-z]{2,20}"))
    assert redactor.text("see ACME-1234 at internal.wiki\nACME-99") == "see [redacted:extra] at [redacted:extra]\nACME-99"


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "no regular expression"),
        ("x" * 201, "longer than 200"),
        ("(a+)+b", "quantifier inside"),
        ("(?:a{1,9}b?){2,9}", "quantifier inside"),
        (r".*foo.*", "open-ended"),
        ("a*", "empty text"),
    ],
)
def test_a_pattern_that_may_take_for_ever_is_refused(pattern: str, why: str) -> None:
    """With the key of the setting and the reason."""
    with pytest.raises(ConfigInvalid, match=why) as caught:
        Redactor((pattern,))
    assert caught.value.problems[0][0] == "capture.redact_extra"


def test_all_wrong_patterns_are_reported_at_once() -> None:
    """Not one a start."""
    with pytest.raises(ConfigInvalid) as caught:
        Redactor(("(", "(a+)+"))
    assert len(caught.value.problems) == 2
