"""Where else what is forgotten has left its words: lines of texts, and records in JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idiolect.usermodel.grounding import content_words

FORGOTTEN = "[forgotten]"
"""Stands in the place of a message whose words were erased; the talk around it keeps its shape."""


@dataclass(frozen=True, slots=True)
class Traces:
    """By what forgotten things are known again where they are quoted.

    Prompts and records quote a statement as a line of its own, so that is what is looked for;
    looking for it within other sentences would take minutes and finds next to nothing more.

    Attributes:
        ids: of all versions of what is forgotten.
        lines: its statements, as ``plain`` has them.
        words: the stems of a forgotten topic; a text that has all of them is about it.
        applications: names, in lower case, of forgotten applications.
    """

    ids: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    applications: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        ids: Iterable[str],
        statements: Iterable[str],
        words: frozenset[str] = frozenset(),
        applications: frozenset[str] = frozenset(),
    ) -> "Traces":
        """The traces of statements with these ids, of a topic and of applications."""
        return cls(frozenset(ids), frozenset(map(plain, statements)), words, applications)

    def in_text(self, text: str) -> bool:
        """Whether a text quotes a statement or has all words of the topic."""
        if self.words and self.words <= content_words(text):
            return True
        return any(plain(line) in self.lines for line in text.splitlines())

    def in_turns(self, turns: Sequence[Mapping[str, Any]]) -> bool:
        """Whether one of some messages does."""
        return any(self.in_text(str(turn.get("content", ""))) for turn in turns)

    def in_name(self, kind: str) -> bool:
        """Whether what a kind of thing is named after goes, as in ``notification:Mail``."""
        _, colon, name = kind.partition(":")
        return bool(colon) and (name.strip().casefold() in self.applications or self.in_text(name))

    def without_names(self, value: Any) -> Any:
        """A JSON value without what stands under such names."""
        if isinstance(value, dict):
            return {
                name: self.without_names(item)
                for name, item in value.items()
                if not self.in_name(name)
            }
        return value

    def taken_from(self, value: Any) -> Any:
        """A JSON value without them: lines that quote go, and so does what names such an id."""
        if isinstance(value, str):
            lines = value.split("\n")
            kept = [line for line in lines if not self.in_text(line)]
            return value if len(kept) == len(lines) else "\n".join(kept).strip()
        if isinstance(value, dict):
            return {name: self.taken_from(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.taken_from(item) for item in value if not self._names(item)]
        return value

    def _names(self, item: Any) -> bool:
        values = item.values() if isinstance(item, dict) else (item,)
        return any(
            isinstance(one, str) and (one in self.ids or self.in_text(one)) for one in values
        )

    def taken_from_record(self, acted: Mapping[str, Any]) -> dict[str, Any] | None:
        """What a reply's record is without them; None where it has none.

        A proposition about style stands in the system message in other words. Where one acted and
        no line of the message quotes it, the message goes as a whole.
        """
        redacted: dict[str, Any] = self.taken_from(dict(acted))
        if redacted == acted:
            return None
        lost = len(acted.get("memories", ())) - len(redacted.get("memories", ()))
        if lost and redacted.get("system") == acted.get("system"):
            redacted["system"] = ""
        return redacted


def plain(line: str) -> str:
    """A line as it is compared: without list mark, final stop, letter case and extra spaces."""
    return " ".join(line.casefold().split()).removeprefix("- ").rstrip(". ")


_OF_THE_MODEL = frozenset({"model", "adapter", "personalized", "sampling"})
"""What a record says that does not depend on what was said; all else may quote it."""


def emptied(acted: Mapping[str, Any]) -> dict[str, Any]:
    """The record of an erased reply: which model wrote it, and nothing of what it was shown."""
    shown = {"system": "", "memories": [], "notes": [], "charter": {}}
    told = {name: value for name, value in acted.items() if name in _OF_THE_MODEL}
    return told | {name: empty for name, empty in shown.items() if name in acted}
