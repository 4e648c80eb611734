"""A message as a mail: plain text and HTML, one thread a group, the same Message-ID on every attempt."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr

from hookline.system.clock import NS_PER_S
from hookline_collector.notification.deciding.alert_message import AlertMessage
from hookline_collector.notification.formats.message_text import MessageText, one_line

STYLE = "font:14px/1.5 sans-serif;white-space:pre-wrap"


def mail_of(message: AlertMessage, words: MessageText, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """Return the mail."""
    mail = EmailMessage()
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    thread = hashlib.sha256(message.group_key.encode()).hexdigest()[:24]
    mail["Subject"] = one_line(words.title)
    mail["From"] = address_of(sender)
    mail["To"] = tuple(address_of(each) for each in recipients)
    mail["Date"] = datetime.fromtimestamp(message.decided_ns / NS_PER_S, UTC)
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    mail["References"] = mail["In-Reply-To"] = f"<{thread}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(words.text + "\n")
    shown = f'<html><body><h3>{html.escape(one_line(words.title))}</h3><div style="{STYLE}">{html.escape(words.text)}</div></body></html>'
    mail.add_alternative(shown, subtype="html")
    return mail


def address_of(text: str) -> Address:
    """Return an address with its name."""
    name, address = parseaddr(text)
    return Address(name, addr_spec=address)
