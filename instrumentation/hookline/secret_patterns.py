"""What secrets look like.

Every pattern is linear in the text: each repetition has an upper bound, starts at a boundary or at a fixed word, and none is nested in
another. A pattern is tried only where one of its needles (plain lower-case words) occurs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_WORDS = (
    r"password|passwd|passphrase|[_-]pwd|[_-]pass(?![a-z])|secret(?!ar)|token(?!s\b|iz)|api[_-]?key|apikey|access[_-]?key|account[_-]?key|"
    r"private[_-]?key|signing[_-]?key|encryption[_-]?key|shared[_-]?access|credential|authorization|auth[_-]?token|x-api-key|session[_-]?id(?=\s?=)"
)
_WORD_NEEDLES = (
    *("password", "passwd", "passphrase", "_pwd", "-pwd", "_pass", "-pass", "secret", "token", "key"),
    *("credential", "authorization", "shared", "session"),
)
_VALUE = r"(?:\\?\"[^\"\n]{0,2000}|'[^'\n]{0,2000}|[^\s\"',;&|<>(){}\[\]\\]{1,2000})"

SECRET_VARIABLE = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|CREDENTIALS?|DSN|AUTH)(?:_|\Z)|(?<=_)PWD\Z")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of secret: the words that must occur, the expression, and what it becomes."""

    name: str
    needles: tuple[str, ...]
    expression: re.Pattern[str]
    replacement: str | Callable[[re.Match[str]], str]


def _whole(name: str, needles: str | tuple[str, ...], expression: str, flags: int = 0) -> Pattern:
    """Make a pattern of which all is secret."""
    words = (needles,) if isinstance(needles, str) else needles
    return Pattern(name, words, re.compile(expression, flags), f"[redacted:{name}]")


def _after(name: str, needles: str | tuple[str, ...], expression: str, flags: int = re.IGNORECASE) -> Pattern:
    """Make a pattern whose first group stays and whose rest is secret."""
    words = (needles,) if isinstance(needles, str) else needles
    return Pattern(name, words, re.compile(expression, flags), rf"\g<1>[redacted:{name}]")


def _variable(match: re.Match[str]) -> str:
    return f"{match[1]}=[redacted:variable]" if SECRET_VARIABLE.search(match[1]) else match[0]


PATTERNS: Final[tuple[Pattern, ...]] = (
    _whole("aws", ("akia", "asia", "aida", "aroa", "abia", "acca"), r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _whole("github", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{20,255}"),
    _whole("github", "github_pat_", r"(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{20,255}"),
    _whole("gitlab", "gl", r"(?<![A-Za-z0-9])gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-[A-Za-z0-9_.-]{16,255}"),
    _whole("slack", "xox", r"(?<![A-Za-z0-9])xox[a-z]-[A-Za-z0-9-]{10,250}"),
    _whole("slack", "xapp-", r"(?<![A-Za-z0-9])xapp-[A-Za-z0-9-]{10,250}"),
    _after("slack", "hooks.slack.com", r"(hooks\.slack\.com/(?:services|workflows|triggers)/)[A-Za-z0-9/_-]{10,250}"),
    _whole("stripe", ("_live_", "_test_"), r"(?<![A-Za-z0-9])(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,250}"),
    _whole("stripe", "whsec_", r"(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/=]{16,250}"),
    _whole("anthropic", "sk-ant-", r"(?<![A-Za-z0-9])sk-ant-[A-Za-z0-9_-]{8,250}"),
    _whole("openai", "sk-", r"(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{20,250}"),
    _whole("google", "aiza", r"(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}"),
    _whole("google", "ya29.", r"(?<![A-Za-z0-9])ya29\.[A-Za-z0-9_-]{20,1000}"),
    _whole("google", "gocspx-", r"(?<![A-Za-z0-9])GOCSPX-[A-Za-z0-9_-]{20,100}"),
    _whole("npm", "npm_", r"(?<![A-Za-z0-9])npm_[A-Za-z0-9]{30,100}"),
    _after("npm", "_auth", r"(:?_auth(?:Token)?\s{0,3}=\s{0,3})[^\s\"']{4,500}"),
    _whole("pypi", "pypi-", r"(?<![A-Za-z0-9])pypi-[A-Za-z0-9_-]{20,500}"),
    _whole("huggingface", "hf_", r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{20,100}"),
    _whole("sendgrid", "sg.", r"(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"),
    _whole("twilio", ("sk", "ac"), r"(?<![A-Za-z0-9])(?:SK|AC)[0-9a-f]{32}(?![A-Za-z0-9])"),
    _whole("digitalocean", "_v1_", r"(?<![A-Za-z0-9])do[opr]_v1_[a-f0-9]{40,100}"),
    _whole("docker", "dckr_", r"(?<![A-Za-z0-9])dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,100}"),
    _whole("vault", ("hvs.", "hvb."), r"(?<![A-Za-z0-9])hv[sb]\.[A-Za-z0-9_-]{20,300}"),
    _whole("atlassian", "atatt", r"(?<![A-Za-z0-9])ATATT[A-Za-z0-9_=-]{20,300}"),
    _whole("age", "age-secret-key-", r"AGE-SECRET-KEY-1[A-Z0-9]{40,80}"),
    _whole("jwt", "eyj", r"(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_-]{8,4096}+\.[A-Za-z0-9_-]{4,8192}+(?:\.[A-Za-z0-9_-]{0,4096}+)?"),
    _after("url-password", "://", r"(://[^\s/@:\"']{0,256}:)[^\s/@\"']{1,256}(?=@)"),
    _after("url-password", "://", r"(://)[^\s/@:\"']{16,256}(?=@)"),
    _after(
        "authorization",
        "authorization",
        r"(authorization\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?(?:(?:bearer|basic|token|digest|negotiate|apikey|aws4-hmac-sha256)\s{1,3})?)[^\s\"'\\]{1,4096}",
    ),
    _after("bearer", "bearer", r"(\bbearer\s{1,3})[A-Za-z0-9._~+/=-]{8,4096}"),
    _after("basic", "basic", r"(\bbasic\s{1,3})[A-Za-z0-9+/]{12,4096}={0,2}"),
    _after("cookie", "cookie", r"(\b(?:set-)?cookie\\?[\"']?\s{0,3}:\s{0,3}\\?[\"']?)[^\r\n\"'\\]{1,4096}"),
    _after("user", ("-u", "--user"), r"((?<!\S)(?:-u|--user)[\s=]\s{0,3}[\"']?[^\s:\"']{1,100}:)[^\s\"']{1,200}"),
    _after(
        "query",
        ("?", "&"),
        r"([?&](?:access_token|id_token|refresh_token|auth|code|key|sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature)=)[^&\s\"'#\\]{1,2000}",
    ),
    _after(
        "option",
        "--",
        rf"(--(?:[a-z0-9]{{1,20}}-){{0,2}}(?:password|passwd|pass|passphrase|secret|token|api-?key|access-key|private-key|secret-key)\s{{1,3}})(?!-){_VALUE}",
    ),
    _after(
        "assignment", _WORD_NEEDLES, rf"((?:{_WORDS})[A-Za-z0-9_-]{{0,40}}+\\?[\"']?\s{{0,3}}(?:=>|:=|[=:])\s{{0,3}})(?!\[redacted|\s|[=>]){_VALUE}"
    ),
    Pattern("variable", ("=",), re.compile(rf"(?<![A-Za-z0-9_])([A-Z][A-Z0-9_]{{2,80}}+)=(?!\[redacted|=){_VALUE}"), _variable),
)


_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY = re.compile(r"(?:[A-Za-z0-9+/=\s:,.-]|\\[nr]){0,20000}")


def without_private_keys(text: str) -> str:
    """Take out PEM blocks, also those whose end is missing. Each end is looked for once, so the work is linear."""
    if "PRIVATE KEY" not in text:
        return text
    kept: list[str] = []
    at = 0
    has_end = True
    while begin := _KEY_BEGIN.search(text, at):
        end = text.find("-----END", begin.end()) if has_end else -1
        has_end = end >= 0
        kept += [text[at : begin.start()], "[redacted:private-key]"]
        if has_end and end - begin.end() < 20_000:
            tail = text.find("-----", end + 8, end + 80)
            at = tail + 5 if tail >= 0 else end + 8
        else:
            body = _KEY_BODY.match(text, begin.end())
            at = body.end() if body else begin.end()
    return "".join([*kept, text[at:]])
