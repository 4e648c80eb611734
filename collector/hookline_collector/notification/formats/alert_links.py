"""Where the links of a message lead: to the alert's session and panel, and to the form that silences just this."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from hookline_collector.alerts.alert import Alert, Labels
from hookline_collector.alerts.matchers import Matcher

SILENCE_PATH = "/silence"


def absolute(link: str, external_url: str) -> str:
    """Return a link that can be followed from anywhere: a path is one of the collector's pages."""
    return f"{external_url}{link}" if link.startswith("/") else link


def links_of(alert: Alert, external_url: str) -> Mapping[str, str]:
    """Return the alert's links by name, `silence` the last."""
    return {name: absolute(link, external_url) for name, link in alert.links.items()} | {"silence": silence_link(alert.labels, external_url)}


def silence_link(labels: Labels, external_url: str) -> str:
    """Return the link to a silence of exactly these labels."""
    filled = [("matcher", str(Matcher(name, "=", (value,)))) for name, value in labels.items()]
    return f"{external_url}{SILENCE_PATH}?{urlencode(filled, quote_via=quote)}"


def generator_url(alert: Alert, external_url: str) -> str:
    """Return where an alert comes from, as Prometheus has one: its panel, else its session, else the pages."""
    link = next((alert.links[name] for name in ("panel", "session") if name in alert.links), "/")
    return absolute(link, external_url)
