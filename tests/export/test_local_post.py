"""A POST to this machine, as the other side sees it."""

from __future__ import annotations

import socket
import threading

from hookline.export.local_post import LocalPost

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def test_head_and_body_come_in_one_piece_on_one_connection() -> None:
    """The collector wakes once for each request."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                for _ in range(2):
                    seen.append(connection.recv(65_536))
                    connection.sendall(ANSWER)

        server = threading.Thread(target=serve)
        server.start()
        post, url = LocalPost(), f"http://127.0.0.1:{listener.getsockname()[1]}/v1/logs"
        for body in (b"first", b"second"):
            assert post.post(url, {"content-type": "text/plain"}, body, 10.0).content == b"ok"
        post.close()
        server.join()
    first, second = seen
    assert first.startswith(b"POST /v1/logs HTTP/1.1\r\n")
    assert first.endswith(b"\r\n\r\nfirst")
    assert second.endswith(b"\r\n\r\nsecond")
