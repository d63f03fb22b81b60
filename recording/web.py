"""The person's web: the shipped pages under invented host names, and what arrives there."""

import json
import queue
import ssl
import subprocess
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from recording.desktop import InventedClock
from recording.script import NAME, TIME_ZONE, Day, Mail, Message

PAGES = Path(__file__).parent / "pages"
HOSTS = tuple(sorted(path.name for path in PAGES.iterdir() if path.name.endswith(".example")))
ASSISTANT = "Tally"

_TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript"}


class Web:
    """What the pages show at the invented time, and what was posted to them."""

    def __init__(self, clock: InventedClock, days: Sequence[Day]) -> None:
        self._clock = clock
        self._messages = [message for day in days for message in day.messages]
        self._mails = [mail for day in days for mail in day.mails]
        self._talk: list[dict[str, str]] = []
        self._read: set[int] = set()
        self.posted: queue.Queue[str] = queue.Queue()
        self.next_reply = ""

    def take_unread(self, host: str, room: str) -> list[Message]:
        """The messages of a room that are shown now for the first time."""
        fresh = [
            message
            for message in self._arrived(host)
            if message.room == room and message.sender != NAME and id(message) not in self._read
        ]
        self._read.update(id(message) for message in fresh)
        return fresh

    def mail(self, identifier: str) -> Mail:
        """One mail, by the name that the script gives it."""
        return next(mail for mail in self._mails if mail.id == identifier)

    def answer(self, host: str, path: str, question: dict[str, str]) -> Any:
        """The JSON that a page's script asked for."""
        return _READS[path](self, host, question)

    def accept(self, host: str, path: str, body: dict[str, str]) -> Any:
        """Take what a page's script sent."""
        given = _WRITES[path](self, host, body)
        self.posted.put(body["text"])
        return given

    def rooms(self, host: str, _question: dict[str, str]) -> list[str]:
        return list(dict.fromkeys(m.room for m in self._messages if m.host == host))

    def messages(self, host: str, question: dict[str, str]) -> list[dict[str, str]]:
        room = question["room"]
        return [self._shown(m) for m in self._arrived(host) if m.room == room]

    def mails(self, _host: str, _question: dict[str, str]) -> list[dict[str, str]]:
        arrived = [mail for mail in self._mails if mail.at <= self._clock.now]
        return [
            {
                "id": mail.id,
                "sender": mail.sender,
                "address": mail.address,
                "subject": mail.subject,
                "body": mail.body,
                "at": f"{mail.at.astimezone(TIME_ZONE):%a %H:%M}",
            }
            for mail in reversed(arrived)
        ]

    def talk(self, _host: str, _question: dict[str, str]) -> list[dict[str, str]]:
        return self._talk

    def say(self, host: str, body: dict[str, str]) -> dict[str, str]:
        now = self._clock.now
        message = Message(at=now, host=host, room=body["room"], sender=NAME, text=body["text"])
        self._messages.append(message)
        return self._shown(message)

    def send(self, _host: str, body: dict[str, str]) -> dict[str, str]:
        return {"sent_to": body["to"]}

    def ask(self, _host: str, body: dict[str, str]) -> dict[str, str]:
        reply = {"who": ASSISTANT, "text": self.next_reply}
        self._talk += [{"who": NAME, "text": body["text"]}, reply]
        return reply

    def _arrived(self, host: str) -> list[Message]:
        now = self._clock.now
        here = [m for m in self._messages if m.host == host and m.at <= now]
        return sorted(here, key=lambda message: message.at)

    def _shown(self, message: Message) -> dict[str, str]:
        at = message.at.astimezone(TIME_ZONE)
        return {"sender": message.sender, "text": message.text, "at": f"{at:%a %H:%M}"}


_READS: dict[str, Callable[[Web, str, dict[str, str]], Any]] = {
    "/api/rooms": Web.rooms,
    "/api/messages": Web.messages,
    "/api/mails": Web.mails,
    "/api/talk": Web.talk,
}
_WRITES: dict[str, Callable[[Web, str, dict[str, str]], Any]] = {
    "/api/messages": Web.say,
    "/api/mails": Web.send,
    "/api/talk": Web.ask,
}


class WebServer:
    """Serves a ``Web`` over TLS on loopback; a context manager that gives the port."""

    def __init__(self, web: Web, certificate: Path, key: Path) -> None:
        handler = type("BoundHandler", (_Handler,), {"web": web})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        return int(self._server.server_address[1])

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    web: Web

    def do_GET(self) -> None:
        host, url = self.headers["Host"].split(":")[0], urlsplit(self.path)
        if url.path.startswith("/api/"):
            question = {name: values[0] for name, values in parse_qs(url.query).items()}
            self._give(self.web.answer(host, url.path, question))
            return
        folder = PAGES / ("shared" if url.path.startswith("/shared/") else host)
        name = url.path.removeprefix("/shared").strip("/") or "index"
        file = folder / (name if Path(name).suffix else f"{name}.html")
        if file.is_file():
            self._send(200, _TYPES[file.suffix], file.read_bytes())
        else:
            self._send(404, "text/plain", b"")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._give(self.web.accept(self.headers["Host"].split(":")[0], self.path, body))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on the terminal."""

    def _give(self, value: Any) -> None:
        self._send(200, "application/json", json.dumps(value).encode())

    def _send(self, status: int, content_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)


def certify(home: Path) -> tuple[Path, Path]:
    """A certificate for the invented hosts, trusted by the browser of this home alone.

    Returns:
        The certificate's file and its key's.
    """
    root, root_key = home / ".root.pem", home / ".root.key"
    leaf, leaf_key = home / ".leaf.pem", home / ".leaf.key"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "7"]
    hosts = ",".join(f"DNS:{host}" for host in HOSTS)
    signed = ["-CA", str(root), "-CAkey", str(root_key)]
    signed += ["-addext", f"subjectAltName={hosts}", "-addext", "basicConstraints=CA:FALSE"]
    nss = home / ".pki/nssdb"
    nss.mkdir(parents=True)
    for command in (
        [*request, "-subj", "/CN=Recording root", "-keyout", str(root_key), "-out", str(root)],
        [*request, "-subj", "/CN=Recording", "-keyout", str(leaf_key), "-out", str(leaf), *signed],
        ["certutil", "-N", "--empty-password", "-d", f"sql:{nss}"],
        ["certutil", "-A", "-d", f"sql:{nss}", "-n", "root", "-t", "C,,", "-i", str(root)],
    ):
        subprocess.run(command, check=True, capture_output=True)
    return leaf, leaf_key
