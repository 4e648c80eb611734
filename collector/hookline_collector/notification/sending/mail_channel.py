"""One attempt by SMTP, to a checked address, encrypted unless the target says that it need not be."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable

from hookline_collector.notification.deciding.alert_message import AlertMessage
from hookline_collector.notification.formats.mail_message import mail_of
from hookline_collector.notification.formats.message_text import MessageText
from hookline_collector.notification.plan.notification_plan import TargetPlan
from hookline_collector.notification.sending.checked_address import AddressNotAllowed, allowed
from hookline_collector.notification.sending.target_answer import TargetAnswer, again, refused

TLS_PORT = 465
Words = Callable[[AlertMessage], MessageText]


class _CheckedSmtp(smtplib.SMTP):
    """Connects to the first address that passed the check; `starttls` asks the certificate for the host's own name."""

    def __init__(self, host: str, target: TargetPlan) -> None:
        super().__init__(timeout=target.timeout_s)
        self._host = host
        self._allow_private = target.allow_private

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return _connected(host, port, timeout, self._allow_private)


class _CheckedSmtpTls(smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""

    def __init__(self, target: TargetPlan, trust: ssl.SSLContext) -> None:
        super().__init__(timeout=target.timeout_s, context=trust)
        self._trust = trust
        self._allow_private = target.allow_private

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._trust.wrap_socket(_connected(host, port, timeout, self._allow_private), server_hostname=host)


def send_mail(target: TargetPlan, words: Words, message: AlertMessage) -> TargetAnswer:
    """Send a message as a mail. Blocks."""
    recipients = [str(each) for each in target.options["to"]]
    try:
        with _connection(target) as smtp:
            left = smtp.send_message(mail_of(message, words(message), target.text("from"), recipients))
    except smtplib.SMTPRecipientsRefused as why:
        return _of_code(max(code for code, _ in why.recipients.values()), "no recipient was taken")
    except smtplib.SMTPResponseException as why:
        return _of_code(
            why.smtp_code, (why.smtp_error if isinstance(why.smtp_error, bytes) else str(why.smtp_error).encode()).decode(errors="replace")
        )
    except AddressNotAllowed as why:
        return again(str(why))
    except (smtplib.SMTPException, OSError) as why:
        return again(f"{type(why).__name__}: {why}")
    return TargetAnswer("delivered", 250, f"not taken: {', '.join(sorted(left))}" if left else "")


def _of_code(code: int, text: str) -> TargetAnswer:
    """4xx is for a while, 5xx for good (RFC 5321)."""
    return again(text, code) if code < 500 else refused(text, code)


def _connection(target: TargetPlan) -> smtplib.SMTP:
    host, _, port = target.text("smarthost").rpartition(":")
    trust = ssl.create_default_context(cafile=target.text("ca_file") or None)
    is_tls = int(port) == TLS_PORT
    smtp = _CheckedSmtpTls(target, trust) if is_tls else _CheckedSmtp(host, target)
    try:
        smtp.connect(host, int(port))
        smtp.ehlo()
        if not is_tls and (target.options["require_tls"] or smtp.has_extn("starttls")):
            smtp.starttls(context=trust)
            smtp.ehlo()
        if user := target.text("auth_username"):
            smtp.login(user, target.secret("auth_password"))
    except BaseException:
        smtp.close()
        raise
    return smtp


def _connected(host: str, port: int, timeout_s: float, allow_private: bool) -> socket.socket:
    addresses = dict.fromkeys(str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    last: OSError = OSError(f"{host} has no address")
    for address in allowed(host, addresses, allow_private=allow_private):
        try:
            return socket.create_connection((address, port), timeout_s)
        except OSError as why:
            last = why
    raise last
