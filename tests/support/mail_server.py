"""A small server of SMTP in a thread: it keeps what it is sent; answers by what the recipient's name says."""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass(slots=True)
class MailServer:
    """A running server: where it is, and what it took."""

    address: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)


@contextlib.contextmanager
def mail_server(trust: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """Run a server while the block runs; with a context it offers STARTTLS."""
    found = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        secured: ssl.SSLSocket | None = None

        def finish(self) -> None:
            super().finish()
            if self.secured:
                self.secured.close()

        def handle(self) -> None:
            is_secure = False
            self.say("220 test ESMTP")
            while line := self.rfile.readline().decode().strip():
                verb = line.upper().split(" ")[0]
                if verb == "EHLO":
                    more = ["250-STARTTLS"] if trust and not is_secure else []
                    self.say("\r\n".join(["250-test", *more, "250 AUTH PLAIN"]))
                elif verb == "STARTTLS" and trust:
                    self.say("220 go on")
                    self.secured = secured = trust.wrap_socket(self.connection, server_side=True)
                    self.rfile, self.wfile, is_secure = secured.makefile("rb"), secured.makefile("wb", buffering=0), True  # type: ignore[assignment]
                elif verb == "AUTH":
                    found.users.append(line)
                    self.say("235 welcome")
                elif verb == "RCPT":
                    self.say("451 later" if "later" in line else "550 nobody here" if "nobody" in line else "250 ok")
                elif verb == "DATA":
                    self.say("354 go on")
                    found.mails.append(self.data())
                    found.encrypted.append(is_secure)
                    self.say("250 taken")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

        def data(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            mail: Any = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            return mail

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that does not trust us hangs up: nothing to say."""

    with Server(("127.0.0.1", 0), Handler) as server:
        found.address = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
