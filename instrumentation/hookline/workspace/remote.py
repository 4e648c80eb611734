"""The address of a repository, without the credentials that people leave in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_SCP_LIKE = re.compile(r"(?:[^@/\s]*@)?(\[[^\]]+\]|[^:/\s\[\]]+):(?!//)(.+)\Z")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(?:[^/@\s]*@)*([^/\s?#]*)([^?#]*)")
_TRANSPORT = re.compile(r"[A-Za-z][A-Za-z0-9-]*::")
_HOST = re.compile(r"(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::[0-9]{1,5})?\Z")
_PART = re.compile(r"(?!.*%(?:40|3[aA]))[\w.~+%()!' -]{1,255}\Z")
_SCHEMES: Final = frozenset({"https", "http", "ssh", "git", "git+ssh", "ssh+git", "git+https", "git+http", "ftp", "ftps"})
_PROVIDERS: Final = {"github": "github", "gitlab": "gitlab", "bitbucket": "bitbucket", "gitea": "gitea", "codeberg": "gitea"}


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote without credentials: an address people can open, and its parts."""

    url: str
    host: str
    owner: str
    name: str

    @property
    def provider(self) -> str:
        """The hosting software, as far as the host's name shows it."""
        return next((value for part, value in _PROVIDERS.items() if part in self.host), "")


def parse_remote(url: str) -> Remote | None:
    """Return a remote without user, password, token, query and fragment; None for a local path or nonsense.

    What is left must be a host and the parts of a path and nothing else: in an odd remote nobody can see where the
    credentials end, so it counts as none, and the project is named after its folder.
    """
    url = _TRANSPORT.sub("", url.strip(), count=1)
    if full := _URL.match(_without_broken_credentials(url)):
        scheme, host, path = full[1].lower(), full[2].lower(), full[3]
    elif scp := _SCP_LIKE.match(url):
        scheme, host, path = "ssh", scp[1].lower(), "/" + re.split(r"[?#]", scp[2])[0].lstrip("/")
    else:
        return None
    if scheme == "file" or not host:
        return None
    parts = [part for part in path.split("/") if part]
    if not parts or scheme not in _SCHEMES or not _HOST.match(host) or not all(map(_PART.match, parts)):
        return None
    name = parts[-1].removesuffix(".git")
    shown = "https" if scheme in ("ssh", "git", "git+ssh", "ssh+git") else scheme
    bare_host = re.sub(r":\d+\Z", "", host) if scheme != shown else host
    clean = "/".join([*parts[:-1], name])
    return Remote(f"{shown}://{bare_host}/{clean}", re.sub(r":\d+\Z", "", host), "/".join(parts[:-1]), name)


def _without_broken_credentials(url: str) -> str:
    """A password with an unescaped slash ends up in the path: where the host has no port after its colon, cut up to the last `@`."""
    scheme, separator, rest = url.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    is_broken = "@" in rest and re.search(r"(?<!\]):(?!\d*\Z)", host) is not None and not host.startswith("[")
    return f"{scheme}://{rest.rpartition('@')[2]}" if separator and is_broken else url
