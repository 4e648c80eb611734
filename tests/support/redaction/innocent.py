"""Innocent strings as tools print and people write them: code, logs, hashes, ids, paths, images, lock files, prose."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from support.redaction.kinds import ALNUM, B64, HEX, pick

Make = Callable[[Random], str]


def _words(text: str) -> list[str]:
    return text.split()


NAMES: Final = _words(
    "lexer parser user order cart client session request response config store cache payment invoice account page node value item row"
)
VERBS: Final = _words("next read get load parse fetch find build create make check validate refresh rotate issue take")
SECRETS: Final = _words(
    "token password secret api_key access_token auth_token passwd credentials refresh_token private_key client_secret accessToken apiKey"
)
WORDS: Final = _words(
    "the author of this change says that a token is read before the next one is asked for and the password field "
    "stays empty until somebody types in it so the secret of a good test is that it can fail while keys and cookies "
    "are handled by the session and basic settings bearer of news authorization is checked first"
)
FILES: Final = _words(
    "src/pay/token.py lib/auth/password_reset.rb internal/secret/store.go web/src/api-key.ts docs/tokens.md tests/test_credentials.py"
)


def python(chance: Random) -> str:
    a, b, verb, name = chance.choice(NAMES), chance.choice(NAMES), chance.choice(VERBS), chance.choice(SECRETS)
    return chance.choice(
        [
            f"{name} = {a}.{verb}()",
            f"{name} = {a}.{b}",
            f"{name}: str = {verb}_{name}({a})",
            f"def {verb}_{name}({name}: str, {a}: int = 0) -> str | None:",
            f"self.{name} = {name}",
            f"if {name} is None or {name} == '':",
            f"    return {a}.{verb}({name}={name}, {b}={b})",
            f'{name} = os.environ["{name.upper()}"]',
            f'{name} = os.getenv("{name.upper()}", "")',
            f"{name}s = [{a} for {a} in {b}s if {a}.{name}]",
            f"{name}: Optional[str] = None",
            f"while {name} := {a}.{verb}():",
            f'raise ValueError(f"{name} {{{name}!r}} is not valid")',
            f"{name} = getpass.getpass()",
            f"assert {a}.{name} == {b}.{name}",
            f"{name} = {a}[{chance.randint(0, 9)}]",
            f"class {name.title()}Store(Base[{a.title()}]):",
        ]
    )


def javascript(chance: Random) -> str:
    a, b, verb, name = chance.choice(NAMES), chance.choice(NAMES), chance.choice(VERBS), chance.choice(SECRETS)
    return chance.choice(
        [
            f"const {name} = await {verb}({a});",
            f"const {{ {name}, {a} }} = props;",
            f"  {name}: string;",
            f"  {name}?: string | undefined,",
            f"let {name} = {a}.{b}.{name};",
            f"{name}: process.env.{name.upper()},",
            f"if (!{name}) throw new Error(`no {name} for ${{{a}.id}}`);",
            f"fetch(url, {{ credentials: 'include', headers: {{ Authorization: `Bearer ${{{name}}}` }} }});",
            f"expect({a}.{name}).toBe({b}.{name});",
            f"export type {name.title()} = {{ {name}: string; {a}: number }};",
            f'<input type="password" name={{{name}}} placeholder="{a}" />',
            f"{a}.set{name.title()}({name} => {name} + 1);",
            f"return {{ ...{a}, {name}: {b}.{name} }};",
        ]
    )


def compiled(chance: Random) -> str:
    a, verb, name = chance.choice(NAMES), chance.choice(VERBS), chance.choice(SECRETS)
    return chance.choice(
        [
            f"{name}, err := {a}.{verb.title()}(ctx)",
            f"let {name} = {a}.{verb}()?;",
            f"private final String {name};",
            f'{name} := r.Header.Get("Authorization")',
            f"pub {name}: Option<String>,",
            f"char *{name} = {verb}_{name}({a}->{name}, sizeof({a}));",
            f"match {name} {{ Some({name}) => {a}.{verb}({name}), None => None }}",
            f"    this.{name} = Objects.requireNonNull({name});",
            f"{name} = {a}->{verb}();",
            f'std::string {name} = {a}::{verb}("{a}");',
            f"case token.{name.upper()}: return {a}.{verb}();",
            f"#define {name.upper()}_LENGTH 32",
        ]
    )


def shell(chance: Random) -> str:
    a, name = chance.choice(NAMES), chance.choice(SECRETS).upper()
    return chance.choice(
        [
            f'export {name}="${{{name}}}"',
            f"{name}=$(cat /run/secrets/{a})",
            f'curl -H "Authorization: Bearer ${name}" https://api.example.com/{a}',
            f"{a} --token-file /etc/{a}/token --password-stdin < pw",
            f"docker run -e {name} -p 8080:80 -u 1000:1000 {a}:latest",
            f"grep -rn '{name.lower()}' src/ | head -{chance.randint(1, 99)}",
            f"git log --author={a} -p -u -- {chance.choice(FILES)}",
            f"mkdir -p {a}/build && cp -p {a}.c {a}/build",
            "ssh -p 2222 ana@example.com 'tar -p -xzf -'",
            f"kubectl get secret {a} -n prod -o yaml",
            f"aws secretsmanager get-secret-value --secret-id {a}",
            f"echo ${{{{ secrets.{name} }}}}",
            f'test -n "${name}" || exit 1',
            f"mysql -h db -P 3306 -u root {a} < dump.sql",
        ]
    )


def data(chance: Random) -> str:
    a, name = chance.choice(NAMES), chance.choice(SECRETS)
    return chance.choice(
        [
            f'{{"max_tokens": {chance.randint(1, 9999)}, "input_tokens": {chance.randint(1, 99999)}, "cache_read_tokens": 0}}',
            f'{{"token_type": "bearer", "expires_in": {chance.randint(60, 9999)}}}',
            f"{name}_path: /etc/{a}/{name}.pem",
            f"{name}: ${{{name.upper()}}}",
            f"{name}: <your {name} here>",
            f'"{name}": null,',
            f'"{name}": {{"type": "string", "description": "The {name} of the {a}"}}',
            f"{name}: {{{{ .Values.{a}.{name} }}}}",
            f"secretKeyRef:\n  name: {a}\n  key: {name}",
            f'"token_endpoint": "https://id.example.com/{a}/token"',
            f"{name}_length = {chance.randint(8, 64)}",
            f"| {name} | string | The {name} of the {a}. |",
            f'"primary_key": "{a}_id", "sort_key": "created_at"',
            f"CACHE_KEY = '{a}:list'",
            f"tokenizer: {a}-tokenizer-fast",
            f'<label for="password">{a.title()}</label>',
        ]
    )


def log(chance: Random) -> str:
    a, verb, name = chance.choice(NAMES), chance.choice(VERBS), chance.choice(SECRETS)
    clock = f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}:07.{chance.randint(0, 999):03}"
    stamp = f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T{clock}Z"
    return chance.choice(
        [
            f"{stamp} INFO {a}.{verb}: {chance.randint(1, 900)} ms, request {uuid.UUID(int=chance.getrandbits(128))}",
            f"{stamp} WARN invalid {name}: expired, user {a}-{chance.randint(1, 9999)}",
            f'127.0.0.1 - - [{stamp}] "GET /api/{a}?page={chance.randint(1, 99)}&sort=name HTTP/1.1" 200 {chance.randint(1, 99999)}',
            f'Traceback: File "{chance.choice(FILES)}", line {chance.randint(1, 999)}, in {verb}_{name}',
            f"{chance.choice(FILES)}:{chance.randint(1, 999)}:{chance.randint(1, 80)}: error: unexpected token '}}' near {name}",
            f"test_{name}_is_{verb} PASSED [{chance.randint(1, 100):3}%]",
            f"SyntaxError: Unexpected token < in JSON at position {chance.randint(0, 999)}",
            f"commit {pick(chance, HEX, 40)}\nAuthor: Ana <ana@example.com>\n\n    Rotate the {name} of {a}",
            f"\x1b[32m✓\x1b[0m {a} > {verb} \x1b[90m({chance.randint(1, 99)} ms)\x1b[0m",
            f"npm warn deprecated {a}@{chance.randint(0, 9)}.{chance.randint(0, 20)}.1: no {name} support",
        ]
    )


def ids(chance: Random) -> str:
    return chance.choice(
        [
            pick(chance, HEX, chance.choice([32, 40, 64, 128])),
            f"sha256:{pick(chance, HEX, 64)}",
            str(uuid.UUID(int=chance.getrandbits(128))),
            f"id={uuid.UUID(int=chance.getrandbits(128))} trace={pick(chance, HEX, 32)} span={pick(chance, HEX, 16)}",
            f"toolu_{pick(chance, ALNUM, 24)}",
            f"msg_{pick(chance, ALNUM, 24)}",
            f"arn:aws:iam::123456789012:role/{chance.choice(NAMES)}",
            f"index {pick(chance, HEX, 7)}..{pick(chance, HEX, 7)} 100644",
            f"chunk-{pick(chance, HEX, 8)}.{pick(chance, HEX, 20)}.js",
            f"{pick(chance, HEX, 12)}  {chance.choice(NAMES)}:latest  {chance.randint(1, 900)}MB",
            f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{pick(chance, B64, 43)} ana@laptop",
        ]
    )


def lock(chance: Random) -> str:
    a = chance.choice(NAMES)
    version = f"{chance.randint(0, 20)}.{chance.randint(0, 30)}.{chance.randint(0, 9)}"
    return chance.choice(
        [
            f'"integrity": "sha512-{pick(chance, B64, 86)}==",',
            f'      "resolved": "https://packages.example.com/{a}/-/{a}-{version}",',
            f'{{ url = "https://files.example.org/packages/{pick(chance, HEX, 60)}/{a}-{version}.tar.gz", hash = "sha256:{pick(chance, HEX, 64)}" }}',
            f"{a} v{version} h1:{pick(chance, B64, 43)}=",
            f'checksum = "{pick(chance, HEX, 64)}"',
            f"    --hash=sha256:{pick(chance, HEX, 64)} \\",
            f'"js-tokens@^{version}", jsonwebtoken@{version}:',
            f"{a}-token ({version}) password-strength (>= 1.0)",
        ]
    )


def image(chance: Random) -> str:
    size = chance.randint(60, 1500)
    return f"data:image/png;base64,iVBORw0KGgo{base64.b64encode(chance.randbytes(size)).decode()}"


def prose(chance: Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(6, 40))).capitalize() + chance.choice([".", "?", ":", ""])


def path(chance: Random) -> str:
    a, b = chance.choice(NAMES), chance.choice(NAMES)
    return chance.choice(
        [
            f"/home/ana/.config/{a}/{b}/token.json",
            f"C:\\Users\\ana\\{a}\\new\\{b}_secret.txt",
            f"https://example.com/{a}/{b}?page={chance.randint(1, 99)}&q=password+reset",
            f"git@github.com:acme/{a}-{b}.git",
            f"https://ana@git.example.com/{a}/{b}",
            f"s3://{a}-bucket/{b}/2026/01/part-{chance.randint(0, 99999):05}.parquet",
            f"ana@example.com, {a}@{b}.example.org",
            f"localhost:{chance.randint(1024, 65535)}/{a}#tokens",
        ]
    )


FAMILIES: Final[Mapping[str, Make]] = {
    "python": python,
    "javascript": javascript,
    "go, rust, java, c": compiled,
    "shell": shell,
    "data and config": data,
    "logs": log,
    "hashes and ids": ids,
    "lock files": lock,
    "images": image,
    "prose": prose,
    "paths and urls": path,
}
