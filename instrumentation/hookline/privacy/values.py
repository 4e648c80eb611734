"""Whether the value after a name such as `token` is a secret, or code that deals with one.

`token = lexer.next()`, `password: str`, `api_key=self.api_key` and `--token $TOKEN` name a secret and hold none. A value in quotes is
taken for one unless it is a placeholder; a bare one unless it reads as an expression.
"""

from __future__ import annotations

import re
from typing import Final

SECRET_VARIABLE: Final = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|CREDENTIALS?|DSN|AUTH)(?:_|\Z)|(?<=_)(?:PWD|PAT)\Z")

_HARMLESS_VARIABLE = re.compile(
    r"(?:PRIMARY|FOREIGN|PARTITION|SORT|CACHE|PUBLIC|UNIQUE|INDEX|HOT|ENTER|ARROW|SHIFT|ANY)_?KEY|KEY_?(?:UP|DOWN|LEFT|RIGHT|ID|NAME|TYPE|PRESS|CODE)|TOKEN_?(?:TYPE|URL|KIND|COUNT)|MAX_|NUM_"
)
_HARMLESS_REST = re.compile(
    r"(?i)[_-]?(?:url|uri|types?|names?|paths?|files?|fields?|count|counts|length|len|min|max|size|expir\w*|ttl|endpoint|index|limit|usage|policy|hint|prompt|label|"
    r"placeholder|regex|pattern|class|errors?|required|enabled|valid|(?:key_?)?refs?|arn|manager|provider|store|service|kind|budget|input|form|reset|changed|at|is|bytes|version)\w{0,12}\Z"
)
_REFERENCE = re.compile(
    r"\$(?:\{|\(|\[|[A-Z_][A-Z0-9_]*\b|[a-z_]+(?![A-Za-z0-9]))|\{\{|\{[A-Za-z_.]*\}|<[^<>]{1,80}>?|%[sdvr(]|\.\.\.|…|\*{2,}|x{4,}|X{4,}|\[redacted|#\{|@[a-z]+\(|vault:|secret:|arn:|op://|env:|file:|/run/secrets/"
)


def _words(text: str) -> list[str]:
    return text.split()


_PLAIN = frozenset(
    _words(
        "null none nil true false undefined str string int integer bool boolean bytes any object number float optional "
        "required void char self this await async new lambda function func def return if else not and or is in the a an "
        "of for from to with by as on at required invalid missing expired unknown empty type text password token secret "
        "key value changeme change_me example redacted hidden yes no on off bearer basic include same-origin omit "
        "default read write inherit"
    )
)
_TEMPLATE = re.compile(
    r"(?i)(?:your|my|the|some|enter|insert|replace|example|placeholder|dummy|todo|fixme)[ _-]|.*(?:[_-]here|goes[ _-]here)\Z|<.*>\Z|\{.*\}\Z"
)
_WORD = re.compile(r"[A-Za-z_$][A-Za-z_$-]*[!?]?\Z")
_DOTTED = re.compile(r"[&*!]{0,2}[A-Za-z_$][\w$]*(?:(?:\.|\?\.|!\.|::)[A-Za-z_$#][\w$]*)+[!?:.]?\Z")
_NAME = re.compile(r"[&*!-]?[A-Za-z_$]")
_SECRET_WORD = re.compile(r"(?i)pass|secret|token|key|cred|auth")
_SECRET_LIKE = re.compile(r"(?i)password|passwd|passphrase|passcode|pwd|pass\Z|pass[_-]|secret|psk|phrase|mnemonic|community")


def is_secret_value(found: re.Match[str]) -> bool:
    """Judge a match of `key op s`."""
    if found["rest"] and _HARMLESS_REST.match(found["rest"]):
        return False
    return _is_secret(found, found["key"], found["op"], found["s"])


def is_variable_value(found: re.Match[str]) -> bool:
    """Judge what stands behind a name in capitals."""
    key = found["key"]
    if not SECRET_VARIABLE.search(key) or _HARMLESS_VARIABLE.search(key):
        return False
    return _is_secret(found, key, found["op"], found["s"])


def is_option_value(value: str, key: str) -> bool:
    """Judge a value that stands alone: an option's, an element's."""
    if not value or _is_placeholder(value):
        return False
    return _SECRET_LIKE.search(key) is not None or not (_WORD.match(value) and len(value) < 16)


def _is_secret(found: re.Match[str], key: str, op: str, value: str) -> bool:
    if value[0] in "\"'`":
        bare = value[1:]
        return not _is_placeholder(bare) and not (bare.isidentifier() and _SECRET_WORD.search(bare) is not None and not any(map(str.isdigit, bare)))
    following = found.string[found.end() : found.end() + 2]
    return not _is_placeholder(value) and not _REFERENCE.match(value + following) and not _is_expression(key, op, value, following)


def _is_placeholder(value: str) -> bool:
    return bool(_REFERENCE.match(value)) or value.lower().rstrip(".,:;!?") in _PLAIN or _TEMPLATE.match(value) is not None


def _is_expression(key: str, op: str, value: str, following: str) -> bool:
    """Answer whether a bare value is code or prose."""
    is_spaced = op[:1].isspace() and op[-1:].isspace()
    if value.isdigit():
        return len(value) < (4 if _SECRET_LIKE.search(key) else 6)
    is_sign = value[0] in "=!+*/" and len(value) < 4
    is_folder = key.lower() == "pwd" and value[0] in "/~"
    return (
        is_sign
        or is_folder
        or _is_code(value, following[:1], is_spaced)
        or (_WORD.match(value) is not None and _is_only_word(key, op, value, following, is_spaced))
    )


def _is_code(value: str, next_: str, is_spaced: bool) -> bool:
    if next_ in ("(", "[", "{", ">") and _NAME.match(value):
        return next_ != "{" or is_spaced
    return _DOTTED.match(value) is not None and (is_spaced or next_ in (",", ")", ";") or not any(map(str.isdigit, value)))


def _is_only_word(key: str, op: str, value: str, following: str, is_spaced: bool) -> bool:
    """Answer whether a bare word is a name or prose. Behind `PASSWORD=` even a word is a password, and no issuer's token is one."""
    if _SECRET_WORD.search(value):
        return True
    if key.isupper() and op == "=":
        return False
    if following[:1] in (",", ")", "}", "]", "<", "|") or not _SECRET_LIKE.search(key):
        return len(value) < 24
    if ":" in op:
        return following[:1] == "?" or following in (" =", " |", " &") or (following[:1] == " " and following[1:].isalpha())
    return is_spaced and following[:1] in (";", " ")
