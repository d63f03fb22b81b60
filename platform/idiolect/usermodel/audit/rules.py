"""The first pass: rules without a model, each with what the user is told about it.

Rules that drop come first, and the first that applies decides. What no rule speaks against is
allowed. A rule's reason is a fixed sentence, so that the log holds nothing of what was seen, not
even which sensitive category it was.

Parts that touch a sensitive category are cut out where the rest stands without them: of a screen,
which shows many things side by side, its lines, and of anything else the sentences, with those that
go on about it. What is about little else, or tells it only as a whole, is dropped whole.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from idiolect.kit.redaction import redact_fields
from idiolect.usermodel.audit import cues, replies, windows
from idiolect.usermodel.audit.flow import Flow, flow_of
from idiolect.usermodel.audit.policy import Policy, Verdict
from idiolect.usermodel.confidence import DIRECT
from idiolect.usermodel.propose.protocols import ObservationView

Sensitive = Callable[[str], frozenset[str]]
"""The sensitive categories that a text touches."""


@dataclass(frozen=True, slots=True)
class Case:
    """One observation before the rules, which look at all of it.

    Attributes:
        view: the observation.
        flow: as far as it can be told.
        policy: the user's.
        kept: the observation without its sensitive parts; None where nothing can be cut out.
        is_sensitive: whether it touches a category that was not opted in to and cannot be cut.
    """

    view: ObservationView
    flow: Flow
    policy: Policy
    kept: ObservationView | None = None
    is_sensitive: bool = False

    @property
    def is_cut(self) -> bool:
        """Whether something is cut out."""
        return self.kept is not None

    @property
    def learned_from(self) -> ObservationView:
        """What of it may be learned from, if any of it may."""
        return self.kept or self.view

    @property
    def text(self) -> str:
        """All that it says."""
        return f"{self.view.title or ''}\n{self.view.text}"

    @property
    def is_own_words(self) -> bool:
        """Whether the user wrote it."""
        return self.flow.sender == "user"


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to keep something from the user model.

    Attributes:
        name: what the log calls it.
        looks_for: in plain words, for the list of rules that the user sees.
        verdict: what becomes of an observation to which it applies.
        reason: in plain words, for the log.
        applies: whether an observation is such a case.
        changes: what the rule tells of the flow.
    """

    name: str
    looks_for: str
    verdict: Verdict
    reason: str
    applies: Callable[[Case], bool]
    changes: Flow = field(default_factory=Flow)


def case_of(view: ObservationView, policy: Policy, *, user_name: str, sensitive: Sensitive) -> Case:
    """An observation as the rules look at it."""
    is_own = windows.is_own(view, policy.own_names, policy.own_origins)
    flow = flow_of(view, user_name=user_name, recipient=policy.recipient, is_own_window=is_own)
    case = Case(view, flow, policy)
    if not _touches(case.text, policy, sensitive):
        return case
    kept = without_sensitive(view, policy, sensitive)
    return replace(case, kept=kept, is_sensitive=kept is None)


def without_sensitive(
    view: ObservationView, policy: Policy, sensitive: Sensitive
) -> ObservationView | None:
    """An observation with a line break for each part that touches what was not opted in to.

    None where it is about just that: when its title, its subject or a screen's first lines touch
    it, when such parts hold more than half of its letters, or when what is left still does.
    """
    if any(_touches(line, policy, sensitive) for line in _headings(view)):
        return None
    kept: list[str] = []
    is_about_it = False
    for part in _parts(view):
        goes_on = is_about_it and view.kind != "screen" and _GOES_ON.match(part) is not None
        is_about_it = goes_on or _touches(part, policy, sensitive)
        kept.append("\n" if is_about_it else part)
    rest = "".join(kept)
    is_most = 2 * len("".join(rest.split())) >= len("".join(view.text.split()))
    return replace(view, text=rest) if is_most and not _touches(rest, policy, sensitive) else None


def _headings(view: ObservationView) -> list[str]:
    return [*windows.heading(view), *_SUBJECT.findall(view.text)]


def _parts(view: ObservationView) -> list[str]:
    return (_LINE_START if view.kind == "screen" else _SENTENCE_START).split(view.text)


_LINE_START = re.compile(r"(?<=\n)")
_SENTENCE_START = re.compile(r"(?<=\n)|(?<=[.!?\u2026]\s)|(?<=[.!?\u2026][\"\u201d)]\s)")
_SUBJECT = re.compile(r"^subject:.*$", re.IGNORECASE | re.MULTILINE)

_GOES_ON = re.compile(
    r"\W*(?:[a-z]|(?:It|It's|Its|This|That|These|Those|They|He|She|So|Since then|Because)\b)"
)
"""How a sentence begins that goes on about the one before it, or a line in the middle of one."""


def first_pass(case: Case) -> tuple[Rule, Flow]:
    """The rule that decides, and the flow with what it tells."""
    otherwise = PARTS_LEFT_OUT if case.is_cut else NO_RULE
    rule = next((rule for rule in RULES if rule.applies(case)), otherwise)
    return rule, rule.changes.completed(case.flow)


def _is_secret(case: Case) -> bool:
    view = case.view
    fields = {
        "application": view.application, "title": view.title, "url": view.url, "text": view.text,
    }  # fmt: skip
    return bool(redact_fields(fields)[1])


def _is_own_window(case: Case) -> bool:
    """Ours, and not what the user told the assistant there, which is the user's own."""
    policy, view = case.policy, case.view
    is_told = view.trust in DIRECT and view.kind in ("text", "message", "statement")
    return not is_told and windows.is_own(view, policy.own_names, policy.own_origins)


def _touches(text: str, policy: Policy, sensitive: Sensitive) -> bool:
    return not sensitive(text) <= policy.opted_in


def _is_about_others(case: Case) -> bool:
    return case.view.kind == "message" and case.flow.subject == "others"


def _is_unsolicited(case: Case) -> bool:
    is_read = not case.is_own_words and case.view.kind != "application"
    return is_read and cues.is_unsolicited(case.text, is_screen=case.view.kind == "screen")


NO_RULE = Rule(
    "no rule", "everything else", "allow", "No rule speaks against it.", applies=lambda _: True
)

PARTS_LEFT_OUT = Rule(
    "sensitive parts",
    "texts of which some parts touch a sensitive category",
    "allow",
    "The parts that touch a sensitive category were left out.",
    applies=lambda case: case.is_cut,
)

RULES: tuple[Rule, ...] = (
    Rule(
        "private window",
        "windows in which the browser is told to keep nothing",
        "drop",
        "It was seen in a private window.",
        lambda case: windows.is_private(case.view),
        Flow(principle="private"),
    ),
    Rule(
        "excluded application",
        "the programs that you excluded",
        "drop",
        "You excluded this program.",
        lambda case: windows.is_application(case.view, case.policy.excluded_applications),
    ),
    Rule(
        "excluded title or address",
        "the titles and addresses that you excluded",
        "drop",
        "You excluded windows with such a title or address.",
        lambda case: windows.is_excluded(case.view, case.policy.excluded_patterns),
    ),
    Rule(
        "confidential application",
        "password managers, authenticators, wallets and banks",
        "drop",
        "It was seen where passwords, codes or money are kept.",
        lambda case: case.policy.excludes_confidential and windows.is_confidential(case.view),
        Flow(data_type="secret"),
    ),
    Rule(
        "secret",
        "passwords, keys, codes and card numbers that were not masked",
        "drop",
        "It shows a password, a key or a number that is nobody's business.",
        _is_secret,
        Flow(data_type="secret"),
    ),
    Rule(
        "own window",
        "our own windows and pages",
        "drop",
        "It is a window of the assistant itself.",
        _is_own_window,
        Flow(sender="assistant"),
    ),
    Rule(
        "own reply",
        "what the assistant said, wherever it is seen again",
        "drop",
        "The assistant said it, so it tells nothing about you.",
        lambda case: replies.is_ours(case.view.text, case.policy.own_replies),
        Flow(sender="assistant"),
    ),
    Rule(
        "sensitive category",
        "health, faith, politics and the like, unless you opted in",
        "drop",
        "It touches a sensitive category that you have not opted in to.",
        lambda case: case.is_sensitive,
        Flow(data_type="sensitive"),
    ),
    Rule(
        "untrusted source",
        "advertisements, unknown mail and the like",
        "quote",
        "It came unasked from a stranger.",
        lambda case: case.view.trust == "untrusted",
    ),
    Rule(
        "instructs the model",
        "texts that give orders to a language model",
        "quote",
        "It tries to tell the assistant what to do or to believe.",
        lambda case: cues.instructs(case.text, is_own_words=case.is_own_words),
    ),
    Rule(
        "passage of own reply",
        "texts in which a passage of the assistant's stands",
        "quote",
        "A part of it is what the assistant said.",
        lambda case: replies.holds_ours(case.view.text, case.policy.own_replies),
    ),
    Rule(
        "unsolicited",
        "what reads as an advertisement, spam or phishing",
        "quote",
        "It reads as an advertisement or a trick.",
        _is_unsolicited,
        Flow(principle="unsolicited"),
    ),
    Rule(
        "about others",
        "messages that speak of other people only",
        "quote",
        "It speaks of other people and not of you.",
        _is_about_others,
    ),
)
