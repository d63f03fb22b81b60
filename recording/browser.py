"""Chromium with the person's tabs: mail, two messengers, the assistant and one for the rest."""

import html
import re
import time
from urllib.parse import quote, unquote_plus, urlsplit

from recording.applications import PAINT_S, Trace
from recording.desktop import Desktop
from recording.script import Ask, Browse, Chat, ReadMail, WriteMail
from recording.web import ASSISTANT, HOSTS, PAGES, Web

MAIL, WORK_CHAT, FAMILY_CHAT, TALK = (
    "larkmail.example",
    "skiff.example",
    "pombo.example",
    "tally.example",
)
_PINNED = (MAIL, WORK_CHAT, FAMILY_CHAT, TALK)
_FLAGS = (
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--password-store=basic",
    "--lang=en-GB",
    "--test-type",  # no bar that warns of the flag below
    "--no-sandbox",  # containers have no user namespaces; only our own pages are shown
)


class Browser:
    """One Chromium window; every address is typed, every text goes through the page's fields."""

    def __init__(self, desktop: Desktop, web: Web, port: int) -> None:
        self._desktop = desktop
        self._web = web
        self.url: str | None = None
        rules = [*(f"MAP {host} 127.0.0.1:{port}" for host in HOSTS), "MAP * ~NOTFOUND"]
        desktop.start(
            "chromium",
            *_FLAGS,
            f"--user-data-dir={desktop.home}/.chromium",
            f"--host-resolver-rules={', '.join(rules)}",
            *(f"https://{host}/" for host in _PINNED),
            "https://finderly.example/",
        )
        desktop.focus("Chromium")
        time.sleep(3)

    def browse(self, step: Browse) -> list[Trace]:
        """Visit a page of the wide web, scroll, fill in what it asks."""
        query = urlsplit(step.url).query
        words = unquote_plus(query.partition("q=")[2])
        self._go(step.url, title=words or _title_of(step.url))
        traces = [Trace("text", words, "typed")] if words else []
        if not step.fill:
            self._desktop.click(8, 500)  # the page's margin
        for text in step.fill:
            self._desktop.type(text)
            self._desktop.key("Tab")
        if step.fill:
            traces.append(Trace("text", "\n".join(step.fill), "typed"))
        self._desktop.scroll(step.scroll)
        time.sleep(PAINT_S)
        return traces

    def chat(self, step: Chat) -> list[Trace]:
        """Read what is new in a room and say something."""
        self._go(f"{step.host}/?room={quote(step.room)}", title=step.room)
        unread = self._web.take_unread(step.host, step.room)
        traces = [Trace("message", f"{m.sender}: {m.text}", "read") for m in unread]
        for text in step.say:
            self._desktop.type(text)
            self._desktop.key("Return")
            traces.append(Trace("message", self._posted(), "sent"))
        return traces

    def read_mail(self, step: ReadMail) -> list[Trace]:
        """Open a mail."""
        mail = self._web.mail(step.mail)
        self._go(f"{MAIL}/?mail={mail.id}", title=mail.subject)
        head = f"From: {mail.sender} <{mail.address}>\nSubject: {mail.subject}"
        return [Trace("message", f"{head}\n\n{mail.body.strip()}", mail.trust)]

    def write_mail(self, step: WriteMail) -> list[Trace]:
        """Write a mail and send it."""
        self._go(f"{MAIL}/?compose=1", title="New message")
        for text in (step.to, step.subject):
            self._desktop.type(text)
            self._desktop.key("Tab")
        self._desktop.type(step.body.strip())
        self._desktop.key("ctrl+Return")
        head = f"To: {step.to}\nSubject: {step.subject}"
        return [Trace("message", f"{head}\n\n{self._posted()}", "sent")]

    def ask(self, step: Ask) -> list[Trace]:
        """Type to the assistant; it answers what the script says."""
        self._web.next_reply = step.reply.strip()
        self._go(f"{TALK}/", title=ASSISTANT)
        self._desktop.type(step.text)
        self._desktop.key("Return")
        asked = Trace(step.kind, self._posted(), "typed")
        return [asked, Trace("message", f"{ASSISTANT}: {self._web.next_reply}", "read")]

    def _go(self, address: str, *, title: str) -> None:
        host = address.partition("/")[0]
        tab = _PINNED.index(host) + 1 if host in _PINNED else len(_PINNED) + 1
        self._desktop.focus("Chromium")
        self._desktop.key(f"ctrl+{tab}", "ctrl+l")
        self.url = f"https://{address}"
        self._desktop.type(self.url)
        # Delete drops what the address bar added from earlier visits.
        self._desktop.key("Delete", "Return")
        self._desktop.wait_for_title(title)
        time.sleep(PAINT_S)

    def _posted(self) -> str:
        """The text that the page sent: what really arrived, not what was meant."""
        text = self._web.posted.get(timeout=20)
        time.sleep(PAINT_S)
        return text


def _title_of(address: str) -> str:
    host, _, path = address.partition("/")
    page = (PAGES / host / f"{path or 'index'}.html").read_text()
    found = re.search(r"<title>(.*?)</title>", page)
    if found is None:
        raise ValueError(f"{address} has no title.")
    return html.unescape(found[1])
