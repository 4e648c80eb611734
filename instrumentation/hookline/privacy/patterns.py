"""What secrets look like.

Every pattern is linear in the text: each repetition has an upper bound, starts at a boundary or at a fixed word, and none is nested in
another that could match the same. A pattern is tried only where one of its needles (plain lower-case words) occurs. What is secret
is the pattern's group `s`, or all of it.

The kinds follow what issuers document of their tokens (prefix, alphabet, length). A length is taken with room: issuers
lengthen their tokens, and a token that a tool has cut is still one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hookline.privacy.values import SECRET_VARIABLE, is_option_value, is_secret_value, is_variable_value

Accept = Callable[[re.Match[str]], bool]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of secret: the words that must occur, the expression, and what else a match must be.

    `is_anchored`: every match begins with a needle, so that only those places are tried.
    """

    name: str
    needles: tuple[str, ...]
    expression: re.Pattern[str]
    accept: Accept | None = None
    is_anchored: bool = False


def _kind(name: str, needles: str, expression: str, flags: int = 0, accept: Accept | None = None) -> Pattern:
    return Pattern(name, tuple(needles.split()), re.compile(expression, flags), accept)


def _anchored(name: str, needles: str, expression: str, flags: int = 0, accept: Accept | None = None) -> Pattern:
    return Pattern(name, tuple(needles.split()), re.compile(expression, flags), accept, is_anchored=True)


def _token(name: str, needles: str, body: str) -> Pattern:
    """Make a pattern of a token that begins with its issuer's prefix."""
    return _anchored(name, needles, rf"(?<![A-Za-z0-9])(?:{body})")


def _inner(name: str, needles: str, body: str) -> Pattern:
    """Make a pattern of a token whose telling part stands within it."""
    return _kind(name, needles, rf"(?<![A-Za-z0-9])(?:{body})")


_ID = r"[A-Za-z0-9_-]"
_BEFORE_KEY = (
    "api",
    "access",
    "account",
    "private",
    "signing",
    "encryption",
    "master",
    "license",
    "subscription",
    "functions",
    "auth",
    "deploy",
    "storage",
)
_KEY = "|".join(f"(?<={word})|(?<={word}[_-])" for word in _BEFORE_KEY)
_WORDS = (
    r"password|passwd|passphrase|passcode|(?<![a-z])pwd|(?<![a-z])pass(?![a-z])|secret(?!ar)|token(?!s\b|iz)|"
    rf"(?:{_KEY})key|key(?=[_-]data)|credential|session[_-]?id(?=\s?=)|(?<![a-z])psk(?![a-z])|mnemonic|(?<=seed[_ -])phrase"
)
_WORD_NEEDLES = "password passwd passphrase passcode pwd pass secret token key credential session psk mnemonic phrase"
_QUOTED = r"\"(?:[^\"\\\n]|\\.){1,2000}|'(?:[^'\\\n]|\\.){1,2000}|`[^`\n]{1,2000}"
_BARE = r"[^\s\"'`,;&|<>(){}\[\]\\]{1,2000}"
_SHELL = rf"(?:{_QUOTED}|[^\s\"'`|;&<>]{{1,500}})"
_BASE64 = r"[A-Za-z0-9+/]"
_COMMANDS = r"mysql|mysqldump|mysqladmin|mysqlimport|mariadb|mariadb-dump"

_TOKENS: Final = (
    _token("aws", "akia asia aida aroa abia acca", r"(?:AKIA|ASIA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _token("aws", "iqojb3jpz2lu fwogzxivyxdze fqogzxivyxdze", rf"(?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdzE){_BASE64}{{40,4096}}={{0,2}}"),
    _token("aws", "absk", rf"ABSK{_BASE64}{{40,300}}={{0,2}}"),
    _anchored("github", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{20,255}"),
    _anchored("github", "github_pat_", r"github_pat_[A-Za-z0-9_]{20,255}"),
    _token("gitlab", "gl", r"gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct|wt)-[A-Za-z0-9_.-]{16,255}"),
    _token("gitlab", "gr1348941", rf"GR1348941{_ID}{{16,50}}"),
    _token("slack", "xox", r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,250}"),
    _token("slack", "xapp-", r"xapp-[A-Za-z0-9-]{10,250}"),
    _kind("slack", "hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<s>[A-Za-z0-9/_-]{10,250})"),
    _inner("stripe", "_live_ _test_", r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,250}"),
    _token("stripe", "whsec_", r"whsec_[A-Za-z0-9+/=]{16,250}"),
    _anchored("anthropic", "sk-ant-", rf"sk-ant-{_ID}{{8,250}}"),
    _anchored("openai", "sk-", rf"(?<![A-Za-z0-9_-])sk-(?=[A-Za-z_-]{{0,40}}[0-9]){_ID}{{20,250}}"),
    _anchored("openai", "sk-proj-", rf"sk-proj-{_ID}{{20,250}}"),
    _token("openai", "sess-", r"sess-[A-Za-z0-9]{40}"),
    _token("google", "aiza", rf"AIza{_ID}{{35}}"),
    _token("google", "ya29.", r"ya29\.[A-Za-z0-9_.-]{20,1000}"),
    _token("google", "gocspx-", rf"GOCSPX-{_ID}{{20,100}}"),
    _token("google", "1//0", rf"1//0{_ID}{{30,200}}"),
    _inner("google", ":apa91b", rf"{_ID}{{8,30}}:APA91b{_ID}{{100,200}}"),
    _token("npm", "npm_", r"npm_[A-Za-z0-9]{30,100}"),
    _kind("npm", "_auth", r":?_auth(?:Token)?\s{0,3}=\s{0,3}[\"']?(?P<s>[^\s\"'$]{4,500})", re.IGNORECASE),
    _token("pypi", "pypi-", rf"pypi-{_ID}{{20,500}}"),
    _token("huggingface", "hf_", r"hf_[A-Za-z0-9]{20,100}"),
    _token("huggingface", "api_org_", r"api_org_[A-Za-z0-9]{30,100}"),
    _token("sendgrid", "sg.", rf"SG\.{_ID}{{16,64}}\.{_ID}{{16,64}}"),
    _token("twilio", "sk ac", r"(?:SK|AC)[0-9a-f]{32}(?![A-Za-z0-9])"),
    _inner("digitalocean", "_v1_", r"do[opr]_v1_[a-f0-9]{40,100}"),
    _token("docker", "dckr_", rf"dckr_(?:pat|oat)_{_ID}{{20,100}}"),
    _token("vault", "hvs. hvb. hvr.", rf"hv[sbr]\.{_ID}{{20,300}}"),
    _token("atlassian", "atatt atctt atbb", r"(?:ATATT|ATCTT)3[A-Za-z0-9_=-]{20,300}|ATBB[A-Za-z0-9]{20,60}"),
    _inner("telegram", ":aa", rf"(?:bot)?[0-9]{{8,10}}:AA{_ID}{{32,34}}(?![A-Za-z0-9])"),
    _inner("discord", ".", rf"[MNO][A-Za-z0-9_-]{{22,27}}\.{_ID}{{6}}\.{_ID}{{27,40}}"),
    _kind("discord", "/api/webhooks/", rf"/api/webhooks/[0-9]{{10,25}}/(?P<s>{_ID}{{30,120}})"),
    _kind("teams", "webhook.office.com", r"webhook\.office\.com/(?P<s>webhookb2/[A-Za-z0-9@/_-]{30,400})"),
    _inner("azure", "q~", r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    _inner(
        "azure",
        "azse azca azfu +ast +amc acdb aiot aehs asbt",
        r"[A-Za-z0-9+/]{30,80}(?:Az(?:Se|Ca|Fu)|\+ASt|\+AMC|ACDb|AIoT|AEhS|ASbT)[A-Za-z0-9+/_-]{5,12}={0,2}",
    ),
    _inner("azure-devops", "azdo", r"[A-Za-z0-9]{70,80}AZDO[A-Za-z0-9]{4}"),
    _kind("mailgun", "key-", r"(?<![A-Za-z0-9_-])(?:pub)?key-[0-9a-f]{32}(?![A-Za-z0-9])"),
    _inner("mailgun", "-", r"[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?![A-Za-z0-9-])"),
    _inner("mailchimp", "-us", r"[0-9a-f]{32}-us[0-9]{1,2}(?![A-Za-z0-9])"),
    _token("mandrill", "md-", rf"md-(?=[A-Za-z_-]{{0,21}}[0-9]){_ID}{{22}}(?![A-Za-z0-9_-])"),
    _token("brevo", "xkeysib- xsmtpsib-", r"x(?:key|smtp)sib-[a-f0-9]{40,80}-[A-Za-z0-9]{10,20}"),
    _token("shopify", "shpat_ shpca_ shppa_ shpss_ shpua_", r"shp(?:at|ca|pa|ss|ua)_[A-Fa-f0-9]{24,64}"),
    _token("square", "sq0", rf"sq0[a-z]{{3}}-{_ID}{{20,60}}"),
    _token("square", "eaaa", rf"EAAA(?=[A-Za-z_-]{{0,40}}[0-9]){_ID}{{56,64}}(?![A-Za-z0-9+/=])"),
    _token("facebook", "eaa", r"EAA[A-Z][A-Za-z0-9]{80,300}(?![A-Za-z0-9+/=])"),
    _token("linear", "lin_", r"lin_(?:api|oauth|wh)_[A-Za-z0-9]{30,80}"),
    _token("notion", "secret_ ntn_", r"secret_[A-Za-z0-9]{40,50}|ntn_[A-Za-z0-9]{40,60}"),
    _token("figma", "figd_ figo_ figu_ figdr_ figor_ figur_", rf"fig(?:d|o|u|dr|or|ur)_{_ID}{{30,100}}"),
    _token("newrelic", "nrak- nrii- nrjs- nrra- nraa- nrsp-", rf"NR(?:AK|II|JS|RA|AA|SP)-{_ID}{{18,60}}"),
    _token(
        "grafana",
        "glsa_ glc_ eyjrijoi",
        r"glsa_[A-Za-z0-9]{20,60}_[A-Fa-f0-9]{8}|glc_[A-Za-z0-9+/]{30,400}={0,2}|eyJrIjoi[A-Za-z0-9+/]{40,400}={0,2}",
    ),
    _token("replicate", "r8_", r"r8_[A-Za-z0-9]{30,50}"),
    _token("groq", "gsk_", r"gsk_[A-Za-z0-9]{40,80}"),
    _token("perplexity", "pplx-", r"pplx-[A-Za-z0-9]{40,80}"),
    _token("xai", "xai-", r"xai-[A-Za-z0-9]{60,120}"),
    _token("cerebras", "csk-", r"csk-[a-z0-9]{40,60}"),
    _token("langsmith", "lsv2_", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    _inner("terraform", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{50,80}"),
    _token("fly", "fo1_ fm1 fm2", rf"fo1_{_ID}{{40,60}}|fm[12][ar]?_[A-Za-z0-9+/_-]{{40,2000}}={{0,3}}"),
    _token("supabase", "sbp_ sb_secret_", rf"sbp_(?:v0_)?[a-f0-9]{{40}}|sb_secret_{_ID}{{20,60}}"),
    _token("planetscale", "pscale_", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_=.-]{30,80}"),
    _token("databricks", "dapi", r"dapi[a-f0-9]{32}(?:-[0-9])?(?![A-Za-z0-9])"),
    _token("doppler", "dp.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}"),
    _token("pulumi", "pul-", r"pul-[a-f0-9]{40}"),
    _token("postman", "pmak-", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    _token("rubygems", "rubygems_", r"rubygems_[a-f0-9]{40,60}"),
    _token("crates", "cio", r"cio[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    _token("nuget", "oy2", r"oy2[a-z0-9]{43}(?![A-Za-z0-9])"),
    _token("clojars", "clojars_", r"CLOJARS_[a-z0-9]{60}"),
    _token("cloudflare", "v1.0- cfut_ cfat_ cfk_", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{100,160}|cf(?:ut|at|k)_[A-Za-z0-9]{36,60}"),
    _token("heroku", "hrku-", rf"HRKU-{_ID}{{36,70}}"),
    _token("sentry", "sntrys_ sntryu_ sntrya_", r"sntry[sua]_[A-Za-z0-9+/=_-]{40,400}"),
    _token("dynatrace", "dt0", r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    _token("airtable", "pat", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    _inner("asana", "/", r"[12]/[0-9]{13,20}(?:/[0-9]{13,20})?:[a-f0-9]{32}"),
    _token("dropbox", "sl.", rf"sl\.(?:u\.)?{_ID}{{60,1500}}"),
    _token("alibaba", "ltai", r"LTAI[A-Za-z0-9]{12,24}(?![A-Za-z0-9])"),
    _token("tencent", "akid", r"AKID[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    _token("contentful", "cfpat-", rf"CFPAT-{_ID}{{40,50}}"),
    _token("easypost", "ezak eztk", r"EZ[AT]K[A-Za-z0-9]{54}"),
    _token("duffel", "duffel_", rf"duffel_(?:test|live)_{_ID}{{40,50}}"),
    _token("flutterwave", "flwseck", r"FLWSECK(?:_TEST)?-[A-Za-z0-9]{12,40}(?:-X)?"),
    _token("plaid", "access-", r"access-(?:sandbox|production|development)-[0-9a-f-]{36}"),
    _token("prefect", "pnu_ pnb_", r"pn[ub]_[A-Za-z0-9]{36}"),
    _token("shippo", "shippo_", r"shippo_(?:live|test)_[a-f0-9]{40}"),
    _token("sonarqube", "sqp_ squ_ sqa_", r"sq[pua]_[a-f0-9]{40}"),
    _token("tailscale", "tskey-", r"tskey-[a-z]{2,20}-[A-Za-z0-9-]{16,100}"),
    _token("netlify", "nfp_ nfc_ nfo_ nfu_", r"nf[pcou]_[A-Za-z0-9]{36,60}"),
    _token("render", "rnd_", r"rnd_[A-Za-z0-9]{28,60}"),
    _token("vercel", "vcp_ vci_ vca_ vcr_ vck_", r"vc[piark]_[A-Za-z0-9]{24,80}"),
    _token("posthog", "phx_ phc_ phs_", r"ph[xcs]_[A-Za-z0-9]{40,60}"),
    _token("braintree", "access_token$", r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}"),
    _token("jfrog", "akcp cmvmdgtu", r"AKCp[A-Za-z0-9]{60,80}|cmVmdGtu[A-Za-z0-9]{50,70}"),
    _token("circleci", "ccipat_ cciprj_", r"CCIP(?:AT|RJ)_[A-Za-z0-9]{20,30}_[a-f0-9]{40}"),
    _token("buildkite", "bkua_", r"bkua_[a-z0-9]{40}"),
    _token(
        "onepassword",
        "ops_eyj a3-",
        r"ops_eyJ[A-Za-z0-9_/+-]{50,2000}={0,2}|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}",
    ),
    _token("mapbox", "sk.eyj", rf"sk\.eyJ{_ID}{{40,200}}\.{_ID}{{20,40}}"),
    _token("hubspot", "pat-", r"pat-(?:na|eu|ap)[0-9]-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    _token("typeform", "tfp_", r"tfp_[A-Za-z0-9_.-]{40,80}"),
    _token("readme", "rdme_", r"rdme_[a-z0-9]{60,80}"),
    _inner("maxmind", "_mmk", r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    _token("octopus", "api-", r"API-[A-Z0-9]{25,32}(?![A-Za-z0-9])"),
    _token("infracost", "ico-", r"ico-[A-Za-z0-9]{32}"),
    _token("deno", "ddp_ ddw_", r"dd[pw]_[A-Za-z0-9]{36}"),
    _token("yandex", "aqvn y0_ t1.", rf"AQVN{_ID}{{35,40}}|y0_{_ID}{{50,70}}|t1\.[A-Z0-9a-z_-]{{8,300}}={{0,2}}\.{_ID}{{80,90}}={{0,2}}"),
    _token("pinecone", "pcsk_", r"pcsk_[A-Za-z0-9_]{50,90}"),
    _token("adobe", "p8e-", r"p8e-[a-z0-9]{32}"),
    _token("frameio", "fio-u-", rf"fio-u-{_ID}{{64}}"),
    _token("lob", "live_ test_", r"(?:live|test)_(?:pub_)?[a-f0-9]{31,35}(?![A-Za-z0-9])"),
    _token("age", "age-secret-key-", r"AGE-SECRET-KEY-1[A-Z0-9]{40,80}"),
    _anchored("jwt", "eyj", r"(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_-]{8,4096}+\.[A-Za-z0-9_-]{4,8192}+(?:\.[A-Za-z0-9_-]{0,4096}+){0,3}"),
    _kind("crypt", "$", r"\$(?:apr1|1|2[abxy]?|5|6|7|y|gy|argon2(?:id|i|d)|scrypt|pbkdf2[a-z0-9-]{0,10})\$[A-Za-z0-9./+=,$-]{12,300}"),
    _kind("crypt", "{sha} {ssha} {smd5} {ssha512}", rf"\{{S?(?:SHA|MD5)(?:512)?\}}(?P<s>{_BASE64}{{16,200}}={{0,2}})"),
)

_PLACES: Final = (
    _kind("url-password", "://", r"://[^\s/@:\"'<>\[]{0,256}:(?P<s>[^\s/@\"'<>]{1,256})(?=@)"),
    _kind("url-password", "://", r"://(?P<s>[^\s/@:\"'<>]{16,256})(?=@)"),
    _kind("url-password", "@tcp( @unix(", r"(?<![A-Za-z0-9_])[A-Za-z0-9_.-]{1,64}:(?P<s>[^\s@\"'/:]{1,128})@(?:tcp|unix)\("),
    _kind("url-password", "jdbc:", r"jdbc:[a-z]{2,20}:[a-z]{2,10}:[A-Za-z0-9_.-]{1,64}/(?P<s>[^\s@\"']{1,128})@", re.IGNORECASE),
    _kind(
        "pgpass",
        ":5432: :*: :3306: :543",
        r"(?<![A-Za-z0-9_.*:/-])(?:\*|[A-Za-z0-9][A-Za-z0-9_.-]{0,100}):(?:[0-9]{4,5}|\*):(?:\*|[A-Za-z_][A-Za-z0-9_-]{0,63}):[A-Za-z0-9_*-]{1,64}:(?P<s>[^\s\x1b]{1,200})",
    ),
    _kind(
        "authorization",
        "authorization",
        r"authorization[\"']{0,2}\s{0,3}[:=,]\s{0,3}[\"'`]{0,2}(?:(?:bearer|basic|token|digest|negotiate|apikey|ssws|splunk|genericauth|aws4-hmac-sha256)\s{1,3})?"
        r"(?P<s>[^\s\"'`\\]{1,4096})",
        re.IGNORECASE,
        lambda found: is_option_value(found["s"], "password") and "(" not in found["s"] and "[" not in found["s"],
    ),
    _kind("authorization", "aws4-hmac", r"Signature=(?P<s>[a-f0-9]{32,128})"),
    _kind("authorization", "digest", r"\bresponse=\"?(?P<s>[a-f0-9]{32,64})"),
    _kind(
        "bearer",
        "bearer ssws",
        r"\b(?:bearer|ssws)\s{1,3}(?P<s>(?=[A-Za-z._~+/-]{0,200}[0-9=])[A-Za-z0-9._~+/=-]{8,4096}|[A-Za-z0-9._~+/=-]{16,4096})",
        re.IGNORECASE,
    ),
    _kind("basic", "basic", r"\bbasic\s{1,3}(?P<s>(?-i:(?=[a-z+/]{0,200}[0-9A-Z=]))[A-Za-z0-9+/]{12,4096}={0,2})", re.IGNORECASE),
    _kind(
        "cookie", "cookie", r"\b(?:set-)?cookie[\"']{0,2}\s{0,3}:\s{0,3}[\"']{0,2}(?P<s>[A-Za-z0-9_.-]{1,100}=[^\r\n\"'\\]{1,4096})", re.IGNORECASE
    ),
    _kind(
        "user",
        "-u --user",
        r"(?<!\S)(?:-u|--user|--proxy-user)[\s=]\s{0,3}[\"']?(?![0-9]{1,10}:[0-9]{1,10}\b)[^\s:\"']{1,100}:(?P<s>[^\s\"'$][^\s\"']{0,200})",
    ),
    _kind(
        "query",
        "? & sig=",
        r"(?:[?&]|(?<=sv=)|\bsig=(?<=sig=))(?:access_token|id_token|refresh_token|auth|code|key|apikey|api_key|sig|signature|secret|client_secret|password|x-amz-signature|"
        r"x-amz-credential|x-amz-security-token|x-goog-signature)=(?P<s>[^&\s\"'#\\<>$]{4,2000})",
        re.IGNORECASE,
        lambda found: is_option_value(found["s"], "token"),
    ),
    _kind("hook", "hooks.zapier.com", r"hooks\.zapier\.com/hooks/catch/(?P<s>[A-Za-z0-9/]{8,100})"),
    _kind("hook", "logic.azure.com", r"\bsig=(?P<s>[A-Za-z0-9_%-]{20,200})"),
    _kind("docker-auth", "auth", rf"[\"']auth[\"']\s{{0,3}}:\s{{0,3}}[\"'](?P<s>{_BASE64}{{8,2000}}={{0,2}})[\"']"),
    _kind("netrc", "login", r"\blogin\s{1,20}\S{1,200}\s{1,20}password\s{1,20}(?P<s>\S{1,200})"),
    _kind(
        "xml",
        "</",
        rf"<[A-Za-z0-9_.:-]{{0,40}}(?:{_WORDS})[A-Za-z0-9_.:-]{{0,40}}(?:\s[^<>]{{0,200}})?>\s{{0,20}}(?P<s>[^<\s][^<]{{0,2000}})</",
        re.IGNORECASE,
        lambda found: is_option_value(found["s"].strip(), "password"),
    ),
    _anchored(
        "named",
        "key name",
        rf"(?:key|name)[\"']?\s{{0,3}}[=:]\s{{0,3}}[\"']?[A-Za-z0-9_.:-]{{0,60}}(?:{_WORDS}|_KEY|_DSN)[A-Za-z0-9_.:-]{{0,40}}[\"']?[\s+]{{0,20}},?[\s+]{{0,20}}[\"']?"
        rf"value[\"']?\s{{0,3}}[=:]\s{{0,3}}(?P<s>{_QUOTED}|{_BARE})",
        re.IGNORECASE,
        lambda found: is_option_value(found["s"].lstrip("\"'"), "password"),
    ),
    _kind("command", "mysql maria", rf"\b(?:{_COMMANDS})\b[^\n|;&]{{0,300}}?\s-p(?P<s>{_SHELL})"),
    _kind("command", "sshpass", rf"\bsshpass\s{{1,3}}-p\s{{0,3}}(?P<s>{_SHELL})"),
    _kind(
        "command",
        "login",
        rf"\b(?:docker|podman|buildah|skopeo|nerdctl|helm|oc|az|argocd|registry)\s[^\n|;&]{{0,60}}?\blogin\b[^\n|;&]{{0,200}}?\s-p[\s=]{{1,3}}(?P<s>{_SHELL})",
    ),
    _kind("command", "redis-cli", rf"\bredis-cli\b[^\n|;&]{{0,200}}?\s-a\s{{0,3}}(?P<s>{_SHELL})"),
    _kind("command", "ldap", rf"\bldap[a-z]{{3,10}}\b[^\n|;&]{{0,300}}?\s-w\s{{0,3}}(?P<s>{_SHELL})"),
    _kind("command", "sqlcmd mosquitto_ zip", rf"\b(?:sqlcmd|mosquitto_(?:pub|sub)|zip|unzip|bcp)\b[^\n|;&]{{0,200}}?\s-P\s{{0,3}}(?P<s>{_SHELL})"),
    _kind(
        "command", "mongo psexec 7z", rf"\b(?:mongo(?:sh|dump|restore|export|import)?|psexec|7z[ar]?)\b[^\n|;&]{{0,200}}?\s-p\s{{0,3}}(?P<s>{_SHELL})"
    ),
    _kind("command", "pass:", r"\bpass:(?P<s>[^\s\"'`|;&<>$]{3,200})"),
    _kind("command", "smbclient mount.cifs", r"\bsmb[a-z]{3,8}\b[^\n|;&]{0,200}?\s-U\s{0,3}[\"']?[^\s%\"']{1,100}%(?P<s>[^\s\"']{1,200})"),
    _kind(
        "command", "htpasswd", r"\bhtpasswd\s[^\n|;&]{0,40}?-[a-zA-Z]{0,4}b[a-zA-Z]{0,4}\s[^\n|;&\s]{1,200}\s{1,3}[^\s]{1,100}\s{1,3}(?P<s>\S{1,200})"
    ),
    _kind("command", "chpasswd", r"[\"'](?P<s>[a-z_][a-z0-9_-]{0,31}:[^\s\"']{1,200})[\"']\s{0,3}\|\s{0,3}(?:sudo\s)?chpasswd"),
    _kind("otp", "otpauth://", r"otpauth://[^\s\"']{1,300}?[?&]secret=(?P<s>[A-Za-z2-7]{8,200})"),
    _kind("putty", "private-lines", r"Private-Lines:\s{0,3}[0-9]{1,4}\s{1,4}(?P<s>[A-Za-z0-9+/=\r\n]{1,20000})"),
    _kind("gitlab", "_gitlab_session", r"_gitlab_session=(?P<s>[a-f0-9]{16,64})"),
    _kind(
        "option",
        "--",
        r"--(?:[a-z0-9]{1,20}-){0,2}(?P<key>password|passwd|pass|passphrase|secret|token|api-?key|access-key|private-key|secret-key|auth-key)[\"']?(?:,\s{0,3}|\s{1,3})(?!-)"
        rf"(?P<s>{_QUOTED}|{_BARE})",
        re.IGNORECASE,
        lambda found: is_option_value(found["s"].lstrip("\"'"), found["key"]),
    ),
    _anchored(
        "assignment",
        _WORD_NEEDLES,
        rf"(?P<key>(?:{_WORDS})(?P<rest>[A-Za-z0-9_-]{{0,40}}+))(?P<op>[\"'\])]{{0,2}}\s{{0,3}}(?:=>|:=|[=:])[ \t]{{0,3}})"
        rf"(?![=>\s])(?P<s>{_QUOTED}|{_BARE})",
        re.IGNORECASE,
        is_secret_value,
    ),
    _anchored(
        "assignment",
        "define(",
        rf"define\(\s{{0,3}}[\"'][A-Za-z0-9_]{{0,40}}(?:{_WORDS}|_KEY|_SALT)[A-Za-z0-9_]{{0,40}}[\"']\s{{0,3}},\s{{0,3}}(?P<s>{_QUOTED})",
        re.IGNORECASE,
    ),
    _anchored(
        "block",
        _WORD_NEEDLES,
        rf"(?P<key>(?:{_WORDS})[A-Za-z0-9_-]{{0,40}}+)[\"']?\s{{0,3}}:\s{{0,3}}[|>][+-]?[ \t]{{0,3}}\r?\n[+]?[ \t]{{1,40}}(?P<s>\S[^\n]{{0,2000}})",
        re.IGNORECASE,
    ),
    _kind(
        "variable",
        "= :",
        rf"(?<![A-Za-z0-9_])(?P<key>[A-Z][A-Z0-9_]{{2,80}}+)(?P<op>[\"']?\s{{0,3}}[=:][ \t]{{0,3}})(?![=:\s])(?P<s>{_QUOTED}|{_BARE})",
        0,
        is_variable_value,
    ),
)

_INNER: Final = (_inner("newrelic", "nral", r"[0-9a-f]{30,40}(?:FFFF)?NRAL"),)

PATTERNS: Final[tuple[Pattern, ...]] = (*_TOKENS, *_INNER, *_PLACES)

__all__ = ["PATTERNS", "SECRET_VARIABLE", "Accept", "Pattern"]
