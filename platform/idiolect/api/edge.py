"""What every request passes before a route sees it, and every response on its way out.

The server listens on loopback, where any page in any browser can reach it. So a request must
address this machine by a name that it has (a rebound DNS name is not one), and a browser's
request must come from our own page.
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from idiolect.api.problems import problem_response
from idiolect.errors import ForbiddenError, IdiolectError, PayloadTooLargeError

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Edge:
    """ASGI middleware: refuses strangers and oversized bodies, adds the security headers.

    Args:
        app: what is behind it.
        hosts: names of this machine beside the loopback ones.
        max_request_bytes: the largest body that is read.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], max_request_bytes: int) -> None:
        self._app = app
        self._hosts = hosts | LOOPBACK_HOSTS
        self._max_request_bytes = max_request_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY_HEADERS)
                if not scope["path"].startswith("/assets/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        received_bytes = 0

        async def receive_limited() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > self._max_request_bytes:
                # The one exception that FastAPI lets through while it reads a body.
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        refusal = self._refusal(Headers(scope=scope))
        answer = problem_response(refusal, scope["path"]) if refusal else self._app
        await answer(scope, receive_limited, send_secured)

    def _refusal(self, headers: Headers) -> IdiolectError | None:
        host = headers.get("host", "")
        if _name_of(f"//{host}") not in self._hosts:
            return ForbiddenError(
                "the request is addressed to a host that is not this machine",
                code="FOREIGN_HOST",
                hint="Use http://127.0.0.1, or add the name to the setting `api.hosts`.",
            )
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return ForbiddenError(
                "a page of another origin may not use this server",
                code="FOREIGN_ORIGIN",
                hint="Open Idiolect's own page, or call the API from a program.",
            )
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self._max_request_bytes:
            return PayloadTooLargeError(
                f"the body has {length} bytes, and {self._max_request_bytes} are read at most"
            )
        return None


def _name_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
