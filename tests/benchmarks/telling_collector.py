"""A collector that tells a receiver of each series of a rule by itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from support.alert_receiver import AlertReceiver, until
from support.person import new_person
from support.running import Running, start_collector


def start_telling(home: Path, receiver: AlertReceiver, rules: str, rule: str, *, route: str = "", env: Mapping[str, str] | None = None) -> Running:
    """Start one with a file of rules and wait until it has the rule of that name; `route` is added to the only route there is."""
    person = new_person(home)
    config = person.home / ".config" / "hookline"
    (config / "rules").mkdir(parents=True)
    (config / "rules" / "bench.yaml").write_text(rules)
    target = f"{{url: '{receiver.url}/hook', allow_private: true}}"
    (config / "notify.yaml").write_text(
        f"route: {{receiver: me, group_by: ['...']{route}}}\nreceivers: [{{name: me, webhook_configs: [{target}]}}]\n"
    )
    running = start_collector(person, env, furnished=False)
    until(lambda: rule in {each["rule"] for each in running.client.get("/api/v1/rules")["rules"]}, "the rule")
    return running
