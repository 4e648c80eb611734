"""Kinds of secrets, each as a maker of (text, the secret in it). The forms are those that issuers document; the bodies are random."""

from __future__ import annotations

import base64
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

ALNUM: Final = string.ascii_letters + string.digits
UPPER: Final = string.ascii_uppercase + string.digits
LOWER: Final = string.ascii_lowercase + string.digits
HEX: Final = "0123456789abcdef"
ID: Final = ALNUM + "_-"
B64: Final = ALNUM + "+/"
CONTEXTS: Final = ("{}", "using {} now", "token: {}", "export X='{}'", '{{"value": "{}"}}', "deploy.sh {} --fast", "({})")

Made = tuple[str, str]
Maker = Callable[[Random], Made]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `is_best_known`: of those that every developer meets."""

    name: str
    make: Maker
    is_best_known: bool = False


def pick(chance: Random, alphabet: str, length: int) -> str:
    return "".join(chance.choices(alphabet, k=length))


def token(*parts: str | tuple[str, int]) -> Maker:
    """A token of fixed and random parts, in one of the places where such things stand."""

    def make(chance: Random) -> Made:
        made = "".join(part if isinstance(part, str) else pick(chance, *part) for part in parts)
        return chance.choice(CONTEXTS).format(made), made

    return make


def within(template: str, *parts: str | tuple[str, int]) -> Maker:
    """A secret that is known by what stands around it; `{}` in the template."""

    def make(chance: Random) -> Made:
        made = "".join(part if isinstance(part, str) else pick(chance, *part) for part in parts)
        return template.replace("{}", made), made

    return make


def encoded(template: str, length: int = 18) -> Maker:
    """A secret that stands there in base64."""

    def make(chance: Random) -> Made:
        made = base64.b64encode(("u" + pick(chance, ALNUM, 4) + ":" + pick(chance, ALNUM, length)).encode()).decode()
        return template.replace("{}", made), made

    return make


def jwt(chance: Random) -> Made:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    made = f"{head}.{pick(chance, ID, 60)}.{pick(chance, ID, 43)}"
    return chance.choice(CONTEXTS).format(made), made


def pem(label: str) -> Maker:
    def make(chance: Random) -> Made:
        lines = [pick(chance, B64, 64) for _ in range(6)]
        dashes = "-" * 5
        return "\n".join([f"{dashes}BEGIN {label}{dashes}", *lines, f"{dashes}END {label}{dashes}"]), lines[3]

    return make


def uuid(chance: Random) -> str:
    return "-".join(pick(chance, HEX, length) for length in (8, 4, 4, 4, 12))


def with_uuid(template: str) -> Maker:
    def make(chance: Random) -> Made:
        made = uuid(chance)
        return template.replace("{}", made), made

    return make


PASSWORD: Final = (ALNUM, 14)

BEST_KNOWN: Final[Mapping[str, Maker]] = {
    "aws access key": token("AKIA", (UPPER, 16)),
    "aws temporary key": token("ASIA", (UPPER, 16)),
    "aws secret key": within("aws_secret_access_key = {}", (B64, 40)),
    "aws session token": within("AWS_SESSION_TOKEN={}", "IQoJb3JpZ2lu", (B64, 200)),
    "github classic": token("ghp_", (ALNUM, 36)),
    "github oauth": token("gho_", (ALNUM, 36)),
    "github app": token("ghs_", (ALNUM, 36)),
    "github fine grained": token("github_pat_", (ALNUM, 22), "_", (ALNUM, 59)),
    "gitlab personal": token("glpat-", (ID, 20)),
    "gitlab runner": token("glrt-", (ID, 20)),
    "gitlab registration": token("GR1348941", (ID, 20)),
    "slack bot": token("xoxb-", ("0123456789", 12), "-", ("0123456789", 12), "-", (ALNUM, 24)),
    "slack user": token("xoxp-", ("0123456789", 12), "-", ("0123456789", 12), "-", (HEX, 32)),
    "slack app": token("xapp-1-", (UPPER, 11), "-", ("0123456789", 13), "-", (HEX, 64)),
    "slack webhook": within("https://hooks.slack.com/services/{}", "T", (UPPER, 8), "/B", (UPPER, 10), "/", (ALNUM, 24)),
    "stripe live": token("sk_live_", (ALNUM, 24)),
    "stripe restricted": token("rk_live_", (ALNUM, 24)),
    "stripe webhook": token("whsec_", (ALNUM, 32)),
    "openai": token("sk-", (ALNUM, 20), "T3BlbkFJ", (ALNUM, 20)),
    "openai project": token("sk-proj-", (ID, 74), "T3BlbkFJ", (ID, 74)),
    "anthropic": token("sk-ant-api03-", (ID, 93), "AA"),
    "google api": token("AIza", (ID, 35)),
    "google oauth": token("ya29.", (ID, 120)),
    "google client": token("GOCSPX-", (ID, 28)),
    "npm": token("npm_", (ALNUM, 36)),
    "npmrc": within("//registry.example.com/:_authToken={}", (ALNUM, 36)),
    "pypi": token("pypi-AgEIcHlwaS5vcmc", (ID, 150)),
    "hugging face": token("hf_", (string.ascii_letters, 34)),
    "sendgrid": token("SG.", (ID, 22), ".", (ID, 43)),
    "twilio": token("SK", (HEX, 32)),
    "digitalocean": token("dop_v1_", (HEX, 64)),
    "docker hub": token("dckr_pat_", (ID, 27)),
    "docker config": encoded('{"auths": {"registry.example.com": {"auth": "{}"}}}'),
    "vault": token("hvs.", (ID, 90)),
    "jwt": jwt,
    "rsa key": pem("RSA PRIVATE " + "KEY"),
    "openssh key": pem("OPENSSH PRIVATE " + "KEY"),
    "pkcs8 key": pem("PRIVATE " + "KEY"),
    "basic header": encoded("Authorization: Basic {}"),
    "bearer header": within("Authorization: Bearer {}", (ID, 40)),
    "cookie": within("Cookie: session={}; theme=dark", (ALNUM, 32)),
    "postgres url": within("postgres://shop:{}@db.example.com:5432/shop", PASSWORD),
    "mysql url": within("mysql://shop:{}@db.example.com/shop", PASSWORD),
    "mongodb url": within("mongodb+srv://shop:{}@cluster0.example.net/?retryWrites=true", PASSWORD),
    "redis url": within("redis://:{}@cache.example.com:6379/0", PASSWORD),
    "amqp url": within("amqp://shop:{}@mq.example.com:5672/v", PASSWORD),
    "url token": within("https://{}@git.example.com/acme/shop.git", (ALNUM, 40)),
    "connection string": within("Server=db;Database=shop;User Id=sa;Password={};Encrypt=true", PASSWORD),
    "env password": within("DB_PASSWORD={}", PASSWORD),
    "env key": within("export STRIPE_KEY={}", (ALNUM, 24)),
    "json password": within('{"user": "ana", "password": "{}"}', PASSWORD),
    "yaml password": within("database:\n  user: ana\n  password: {}\n  port: 5432", PASSWORD),
    "client secret": within("client_id=abc&client_secret={}&grant_type=client_credentials", (ALNUM, 32)),
    "azure storage": within("AccountName=shop;AccountKey={};EndpointSuffix=core.windows.net", (B64, 86), "=="),
    "kubernetes secret": encoded("apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\ndata:\n  db: {}\ntype: Opaque"),
    "telegram": token(("0123456789", 10), ":AA", (ID, 33)),
    "netrc": within("machine api.example.com login ana password {}", PASSWORD),
    "mysql -p": within("mysql -h db -uroot -p{} shop", PASSWORD),
    "curl -u": within("curl -u ana:{} https://api.example.com/", PASSWORD),
}

OTHERS: Final[Mapping[str, Maker]] = {
    "aws bedrock": token("ABSK", (B64, 120)),
    "aws signature": within("Credential=AKIA/20260101/us-east-1/s3/aws4_request, AWS4-HMAC-SHA256 Signature={}", (HEX, 64)),
    "s3 presigned": within("https://s3.example.com/x?X-Amz-Date=1&X-Amz-Signature={}", (HEX, 64)),
    "google refresh": token("1//0", (ID, 60)),
    "google service account": within('{"type": "service_account", "private_key_id": "{}"}', (HEX, 40)),
    "firebase messaging": token((ID, 11), ":APA91b", (ID, 134)),
    "azure client secret": token((ALNUM, 3), "8Q~", (ALNUM, 34)),
    "azure sas": within("https://shop.blob.core.windows.net/c?sv=2022-11-02&sr=b&sig={}", (ALNUM, 44)),
    "azure search": token((ALNUM, 42), "AzSe", (ALNUM, 6)),
    "azure service bus": within("Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={}", (B64, 43), "="),
    "azure devops": token((ALNUM, 76), "AZDO", (ALNUM, 4)),
    "azure apim": within("Ocp-Apim-Subscription-Key: {}", (HEX, 32)),
    "azure function": within("https://shop.azurewebsites.net/api/pay?code={}", (ALNUM, 54)),
    "logic app": within("https://prod-1.westeurope.logic.azure.com/workflows/a/triggers/manual?api-version=1&sp=x&sig={}", (ID, 43)),
    "teams": within("https://acme.webhook.office.com/webhookb2/{}", (HEX, 36), "/IncomingWebhook/", (HEX, 32)),
    "discord bot": token("M", (ALNUM, 23), ".", (ID, 6), ".", (ID, 38)),
    "discord webhook": within("https://discord.com/api/webhooks/123456789012345678/{}", (ID, 68)),
    "atlassian": token("ATATT3xFfGF0", (ID, 170)),
    "bitbucket": token("ATBB", (ALNUM, 32)),
    "mailgun": token("key-", (HEX, 32)),
    "mailgun new": token((HEX, 32), "-", (HEX, 8), "-", (HEX, 8)),
    "mailchimp": token((HEX, 32), "-us", ("123456789", 1)),
    "mandrill": token("md-", (ALNUM, 21), "7"),
    "brevo": token("xkeysib-", (HEX, 64), "-", (ALNUM, 16)),
    "shopify": token("shpat_", (HEX, 32)),
    "shopify shared": token("shpss_", (HEX, 32)),
    "square": token("sq0atp-", (ID, 22)),
    "square secret": token("sq0csp-", (ID, 43)),
    "facebook": token("EAAB", (ALNUM, 150)),
    "linear": token("lin_api_", (ALNUM, 40)),
    "notion": token("secret_", (ALNUM, 43)),
    "notion new": token("ntn_", (ALNUM, 46)),
    "figma": token("figd_", (ID, 40)),
    "new relic user": token("NRAK-", (UPPER, 27)),
    "new relic license": token((HEX, 36), "FFFFNRAL"),
    "grafana service": token("glsa_", (ALNUM, 32), "_", (HEX, 8)),
    "grafana cloud": token("glc_", (ALNUM, 100)),
    "replicate": token("r8_", (ALNUM, 37)),
    "groq": token("gsk_", (ALNUM, 52)),
    "perplexity": token("pplx-", (ALNUM, 48)),
    "xai": token("xai-", (ALNUM, 80)),
    "openrouter": token("sk-or-v1-", (HEX, 64)),
    "langsmith": token("lsv2_pt_", (HEX, 32), "_", (HEX, 10)),
    "langfuse": token("sk-lf-", (HEX, 8), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 12)),
    "terraform": token((ALNUM, 14), ".atlasv1.", (ID, 67)),
    "fly": token("fo1_", (ID, 43)),
    "fly macaroon": within("FlyV1 {}", "fm2_", (B64, 200)),
    "supabase": token("sbp_", (HEX, 40)),
    "supabase secret": token("sb_secret_", (ID, 31)),
    "planetscale": token("pscale_tkn_", (ID, 43)),
    "planetscale password": token("pscale_pw_", (ID, 43)),
    "databricks": token("dapi", (HEX, 32)),
    "doppler": token("dp.pt.", (ALNUM, 43)),
    "doppler service": token("dp.st.prd.", (ALNUM, 43)),
    "pulumi": token("pul-", (HEX, 40)),
    "postman": token("PMAK-", (HEX, 24), "-", (HEX, 34)),
    "rubygems": token("rubygems_", (HEX, 48)),
    "crates.io": token("cio", (ALNUM, 32)),
    "nuget": token("oy2", (LOWER, 43)),
    "clojars": token("CLOJARS_", (LOWER, 60)),
    "cloudflare origin": token("v1.0-", (HEX, 24), "-", (HEX, 146)),
    "cloudflare key": within("CLOUDFLARE_API_KEY={}", (HEX, 37)),
    "heroku": with_uuid("HEROKU_API_KEY={}"),
    "sentry": token("sntryu_", (HEX, 64)),
    "sentry dsn": within("SENTRY_DSN=https://{}@o1.ingest.example.com/2", (HEX, 32)),
    "datadog": within("DD_API_KEY: {}", (HEX, 32)),
    "dynatrace": token("dt0c01.", (UPPER, 24), ".", (UPPER, 64)),
    "airtable": token("pat", (ALNUM, 14), ".", (HEX, 64)),
    "asana": token("1/", ("0123456789", 16), ":", (HEX, 32)),
    "dropbox": token("sl.", (ID, 140)),
    "alibaba": token("LTAI", (ALNUM, 20)),
    "tencent": token("AKID", (ALNUM, 32)),
    "contentful": token("CFPAT-", (ID, 43)),
    "easypost": token("EZAK", (ALNUM, 54)),
    "duffel": token("duffel_live_", (ID, 43)),
    "flutterwave": token("FLWSECK_TEST-", (HEX, 12)),
    "plaid": with_uuid("access-production-{}"),
    "prefect": token("pnu_", (LOWER, 36)),
    "shippo": token("shippo_live_", (HEX, 40)),
    "sonarqube": token("squ_", (HEX, 40)),
    "tailscale": token("tskey-auth-", (ALNUM, 12), "CNTRL-", (ALNUM, 32)),
    "netlify": token("nfp_", (ALNUM, 36)),
    "posthog": token("phx_", (ALNUM, 43)),
    "braintree": token("access_token$production$", (LOWER, 16), "$", (HEX, 32)),
    "artifactory": token("AKCp", (ALNUM, 69)),
    "circleci": token("CCIPAT_", (ALNUM, 22), "_", (HEX, 40)),
    "buildkite": token("bkua_", (LOWER, 40)),
    "1password": token("ops_eyJ", (ALNUM, 250)),
    "mapbox": token("sk.eyJ", (ALNUM, 80), ".", (ID, 22)),
    "hubspot": with_uuid("pat-na1-{}"),
    "typeform": token("tfp_", (ID, 59)),
    "readme": token("rdme_", (LOWER, 70)),
    "maxmind": token((ALNUM, 6), "_", (ALNUM, 29), "_mmk"),
    "octopus": token("API-", (UPPER, 26)),
    "infracost": token("ico-", (ALNUM, 32)),
    "yandex": token("AQVN", (ID, 38)),
    "pinecone": token("pcsk_", (ALNUM, 60)),
    "zapier": within("https://hooks.zapier.com/hooks/catch/{}", ("0123456789", 7), "/", (LOWER, 7)),
    "okta": within("Authorization: SSWS {}", "00", (ID, 40)),
    "age": token("AGE-SECRET-KEY-1", (UPPER, 58)),
    "pgp key": pem("PGP PRIVATE " + "KEY BLOCK"),
    "putty": within("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n{}\nPrivate-MAC: 00", (B64, 48)),
    "wireguard": within("[Interface]\nPrivateKey = {}\nAddress = 10.0.0.2/32", (B64, 43), "="),
    "htpasswd": within("ana:{}", "$apr1$", (ALNUM, 8), "$", (ALNUM, 22)),
    "htpasswd sha": within("ana:{SHA}{}", (B64, 27), "="),
    "bcrypt": within("ana:{}", "$2y$10$", (ALNUM, 53)),
    "shadow": within("root:{}:19000:0:99999:7:::", "$6$", (ALNUM, 16), "$", (ALNUM, 86)),
    "argon2": within("hash {}", "$argon2id$v=19$m=65536,t=3,p=4$", (ALNUM, 22), "$", (ALNUM, 43)),
    "pgpass": within("db.example.com:5432:shop:ana:{}", PASSWORD),
    "go mysql dsn": within("shop:{}@tcp(db.example.com:3306)/shop?parseTime=true", PASSWORD),
    "libpq": within("host=db user=shop password={} dbname=shop", PASSWORD),
    "odbc": within("Driver={PostgreSQL};Server=db;Uid=sa;Pwd={};", PASSWORD),
    "jdbc oracle": within("jdbc:oracle:thin:scott/{}@//db.example.com:1521/x", PASSWORD),
    "jdbc parameter": within("jdbc:postgresql://db/shop?user=ana&password={}", PASSWORD),
    "kubeconfig token": within("users:\n- name: ana\n  user:\n    token: {}", (ALNUM, 60)),
    "kubeconfig key": within("    client-key-data: {}", (B64, 200)),
    "kubernetes string data": within("kind: Secret\nstringData:\n  greeting: {}\n", PASSWORD),
    "kubernetes env": within("- name: DB_PASSWORD\n  value: {}", PASSWORD),
    "ecs env": within('{"name": "API_TOKEN", "value": "{}"}', (ALNUM, 24)),
    "xml element": within("<server><username>ana</username><password>{}</password></server>", PASSWORD),
    "xml attribute": within('<add key="Shop:ApiKey" value="{}"/>', (ALNUM, 24)),
    "docker login": within("docker login -u ana -p {} registry.example.com", PASSWORD),
    "sshpass": within("sshpass -p {} ssh ana@example.com", PASSWORD),
    "redis-cli": within("redis-cli -h cache -a {} ping", PASSWORD),
    "pgpassword": within("PGPASSWORD={} psql -h db", PASSWORD),
    "openssl": within("openssl enc -aes-256-cbc -in x -pass pass:{}", PASSWORD),
    "smbclient": within("smbclient //nas/share -U ana%{} -c ls", PASSWORD),
    "htpasswd -b": within("htpasswd -bc users ana {}", PASSWORD),
    "chpasswd": within("echo 'ana:{}' | chpasswd", PASSWORD),
    "option token": within("deploy --auth-token {} --fast", (ALNUM, 24)),
    "option password": within("psql-backup --password={} --all", PASSWORD),
    "argument list": within('["mysqldump", "--password", "{}", "shop"]', PASSWORD),
    "otpauth": within("otpauth://totp/Shop:ana?secret={}&issuer=Shop", ("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32)),
    "wifi": within('network={\n  ssid="home"\n  psk="{}"\n}', PASSWORD),
    "ini": within("[client]\nuser = ana\npassword = {}\n", PASSWORD),
    "toml": within('[api]\napi_key = "{}"\n', (ALNUM, 24)),
    "yaml block": within("secret: |\n  {}\nother: 1", (ALNUM, 24)),
    "x-api-key": within("curl -H 'X-Api-Key: {}' https://api.example.com", (ALNUM, 24)),
    "query key": within("https://maps.example.com/api?key={}&v=3", (ALNUM, 24)),
    "laravel": within("APP_KEY=base64:{}", (B64, 43), "="),
    "rails": within("SECRET_KEY_BASE={}", (HEX, 128)),
    "django": within("SECRET_KEY = '{}'", "django-insecure-", (ALNUM, 50)),
    "php": within("define('DB_PASSWORD', '{}');", PASSWORD),
    "php array": within("'password' => '{}',", PASSWORD),
    "gitlab session": within("_gitlab_session={}", (HEX, 32)),
    "mnemonic": within('mnemonic = "{}"', "abandon ability able about ", (string.ascii_lowercase, 8), " absent"),
    "splunk": with_uuid("Authorization: Splunk {}"),
    "set-cookie": within("Set-Cookie: sid={}; HttpOnly", (ALNUM, 32)),
    "refresh token": within('{"refresh_token": "{}"}', (ALNUM, 40)),
}

KINDS: Final = (*(Kind(name, make, True) for name, make in BEST_KNOWN.items()), *(Kind(name, make) for name, make in OTHERS.items()))
