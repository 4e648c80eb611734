"""What a GET answers as a whole has a tag, and is not sent again to who has it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hookline_collector.api.http.endpoint import ApiEndpoint, Handler


async def plain(request: Request) -> Response:
    """Answer with what was asked for."""
    return Response(request.query_params.get("text", "a"), int(request.query_params.get("status", "200")))


async def named(_: Request) -> Response:
    """Answer with a tag of one's own."""
    return Response("a", headers={"ETag": '"mine"', "Cache-Control": "no-cache"})


async def streamed(_: Request) -> Response:
    """Answer piece by piece."""
    return StreamingResponse(iter([b"a"]))


def ask(handler: Handler, query: str = "", tag: str = "", method: str = "GET") -> Response:
    """Ask as the router does."""
    headers = [(b"if-none-match", tag.encode())] if tag else []
    request = Request({"type": "http", "method": method, "headers": headers, "query_string": query.encode()})
    answered: Awaitable[Response] = ApiEndpoint(method, "/", handler, "").route.endpoint(request)

    async def wait() -> Response:
        return await answered

    return asyncio.run(wait())


def test_who_has_an_answer_is_sent_nothing() -> None:
    """The tag is of the content; what a tag's own maker says of keeping it is said again."""
    first = ask(plain)
    again, other = ask(plain, tag=first.headers["etag"]), ask(plain, "text=b", first.headers["etag"])
    assert (first.status_code, again.status_code, again.body, other.body) == (200, 304, b"", b"b")
    assert first.headers["etag"] == again.headers["etag"] != other.headers["etag"]
    own = ask(named, tag='"mine"')
    assert (own.status_code, own.headers["etag"], own.headers["cache-control"]) == (304, '"mine"', "no-cache")
    assert ask(named, tag=first.headers["etag"]).body == b"a"


def test_errors_streams_and_what_is_posted_have_none() -> None:
    """They are answers of a moment."""
    found = [ask(plain, "status=404"), ask(streamed), ask(plain, method="POST")]
    assert ["etag" in each.headers for each in found] == [False, False, False]
