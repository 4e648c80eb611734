"""An alert rule and a webhook while a permission is left unanswered: rung at its limit, and told that it is over when somebody answers."""

from __future__ import annotations

import signal
import time
from typing import Any

from play.scenes.steps import ASKS, PROCEED, end_session
from play.stage import EVENT_S, MODES, Desk, make
from support.alert_receiver import AlertReceiver, alert_receiver
from support.running import Running, wait_for

LIMIT_S, SOON_S = 3.0, 1.0
RULES = """
groups:
  - name: play
    interval: 1s
    rules:
      - {alert: Unanswered, session: permission_s, by: [session_id, project], above: %gs, annotations: {summary: 'waits in {{ $labels.project }}'}}
"""


def an_alert_at_a_permission(desk: Desk) -> None:
    """The limit passes, the webhook rings once; the permission is granted, its end is told once."""
    with alert_receiver(make(desk.folder / "receiver")) as receiver:
        for mode in MODES:
            _furnish(desk.stage.houses[mode], receiver, mode)
        desk.begin({"ask once": [ASKS, {"say": "So be it."}]})
        desk.open_client()
        desk.prompt("please ask once")
        desk.terminal.see(PROCEED)
        asked = desk.hook("PermissionRequest")
        for mode in MODES:
            wait_for(lambda mode=mode: _told(desk, receiver, mode, "firing"), EVENT_S)  # type: ignore[misc]
        granted = desk.terminal.press("1")
        desk.terminal.see("So be it")
        for mode in MODES:
            wait_for(lambda mode=mode: _told(desk, receiver, mode, "resolved"), EVENT_S)  # type: ignore[misc]
        time.sleep(1)  # whatever comes twice comes now
        end_session(desk)
        allowed_s = SOON_S + desk.pulse.worst_s()
        for mode in MODES:
            rung, over = _told(desk, receiver, mode, "firing"), _told(desk, receiver, mode, "resolved")
            desk.was("rung, told of the end", "1, 1", f"{len(rung)}, {len(over)}", mode)
            desk.was("rung at its limit", LIMIT_S, rung[0] - asked / 1e9, mode)
            desk.was("rung within a second of its limit", True, -0.2 <= rung[0] - asked / 1e9 - LIMIT_S <= allowed_s, mode)
            desk.was("end told after the answer", 0.0, over[0] - granted / 1e9, mode)
            desk.was("what was said", "waits in shop", _said(desk, receiver, mode), mode)


def _furnish(house: Running, receiver: AlertReceiver, mode: str) -> None:
    """Give a running collector a rule and somebody to tell, and have it read both."""
    config = house.person.home / ".config" / "hookline"
    make(config / "rules")
    (config / "rules" / "play.yaml").write_text(RULES % LIMIT_S)
    target = f"{{url: '{receiver.url}/{mode}', allow_private: true}}"
    (config / "notify.yaml").write_text(
        f"route: {{receiver: me, group_by: ['...'], group_interval: 0s}}\nreceivers: [{{name: me, webhook_configs: [{target}]}}]\n"
    )
    house.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "Unanswered" in {rule["rule"] for rule in house.client.get("/api/v1/rules")["rules"]}, EVENT_S)
    wait_for(lambda: house.client.get("/api/v1/receivers")["targets"], EVENT_S)


def _alerts(desk: Desk, receiver: AlertReceiver, mode: str) -> list[tuple[float, dict[str, Any]]]:
    """Return what one collector told of this scene's session, each with its moment."""
    found = ((request.at, alert) for request in receiver.requests(f"/{mode}") for alert in request.json["alerts"])
    return [
        (at, alert) for at, alert in found if alert["labels"].get("session_id") == desk.session_id and alert["labels"]["alertname"] == "Unanswered"
    ]


def _told(desk: Desk, receiver: AlertReceiver, mode: str, status: str) -> list[float]:
    return [at for at, alert in _alerts(desk, receiver, mode) if alert["status"] == status]


def _said(desk: Desk, receiver: AlertReceiver, mode: str) -> str:
    return ", ".join({alert["annotations"]["summary"] for _, alert in _alerts(desk, receiver, mode)})


SCENES = (an_alert_at_a_permission,)
