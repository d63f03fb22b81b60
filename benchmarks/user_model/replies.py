"""What the fake model answers: made-up statements in whatever form the JSON schema asks for.

Of the statements, about 80 % are new, 15 % say something like an earlier one and 5 % repeat one.
GUM asks a model how statements stand to each other and gets labels in the same shares.
"""

import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

STATEMENTS = 5
SIMILAR, REPEATED = 0.15, 0.05
_QUOTE_WORDS = 6
_LETTERS = "abdefgiklmnoprstu"
_GUM_ID = re.compile(r"^\[id=(\d+)\]", re.MULTILINE)
_GUM_REVISED = re.compile(r"^Proposition \d+:", re.MULTILINE)
_OBSERVATION = re.compile(r'^\{"number": \d+,.*\}$', re.MULTILINE)

Schema = Mapping[str, Any]


class FakeModel:
    """Answers at once; the same calls in the same order get the same answers.

    Args:
        deeds: what people do, such as "edits videos as a hobby".
        settings: where or when, such as "on Mondays".
        user_name: whom statements are about.
    """

    def __init__(
        self, deeds: Sequence[str], settings: Sequence[str], user_name: str, seed: int = 1
    ) -> None:
        self._deeds, self._settings, self._user_name = deeds, settings, user_name
        self._pick = random.Random(seed)
        self._said: list[tuple[str, str]] = []

    def reply(self, prompt: str, schema: Schema | None) -> str:
        """The answer as JSON; without a schema in mem0's form, which it only tells in words."""
        if schema is None:
            memories = [{"id": str(n), "text": one} for n, one in enumerate(self.statements())]
            return json.dumps({"memory": memories})
        known = {"propositions": self._propositions(prompt), "relations": self._relations(prompt)}
        return json.dumps(fitted(known, schema, schema.get("$defs", {})))

    def statements(self, count: int = STATEMENTS) -> list[str]:
        """So many statements."""
        return [self._statement() for _ in range(count)]

    def _statement(self) -> str:
        drawn = self._pick.random()
        setting = self._pick.choice(self._settings)
        if self._said and drawn < SIMILAR + REPEATED:
            said, start = self._pick.choice(self._said)
            return said if drawn < REPEATED else f"{start} {setting}."
        # Two words that are nobody else's keep what is new apart from what is known.
        words = ("".join(self._pick.choices(_LETTERS, k=7)) for _ in range(2))
        deed = self._pick.choice(self._deeds)
        start = f"{self._user_name} {deed} for the plan {' '.join(words)}"
        self._said.append((f"{start} {setting}.", start))
        return self._said[-1][0]

    def _propositions(self, prompt: str) -> list[dict[str, Any]]:
        """Five; of a prompt that has propositions revised, as many as stand there."""
        count = len(_GUM_REVISED.findall(prompt)) or STATEMENTS
        spans = [
            {"observation": view["number"], "quote": " ".join(view["text"].split()[:_QUOTE_WORDS])}
            for view in map(json.loads, _OBSERVATION.findall(prompt))
        ]
        return [
            {
                "text": text,
                "proposition": text,
                "reasoning": "It is on the screen for a while and comes back later.",
                "confidence": self._pick.randint(2, 9),
                "durability": self._pick.randint(2, 9),
                "decay": self._pick.randint(2, 9),
                "evidence": self._pick.sample(spans, min(2, len(spans))),
            }
            for text in self.statements(count)
        ]

    def _relations(self, prompt: str) -> list[dict[str, Any]]:
        ids = [int(found) for found in _GUM_ID.findall(prompt)]
        labels = self._pick.choices(
            ("UNRELATED", "SIMILAR", "IDENTICAL"),
            (1 - SIMILAR - REPEATED, SIMILAR, REPEATED),
            k=len(ids),
        )
        return [
            {
                "source": id,
                "label": label,
                "target": [] if label == "UNRELATED" else [self._pick.choice(ids)],
            }
            for id, label in zip(ids, labels, strict=True)
        ]


def fitted(value: Any, schema: Schema, definitions: Mapping[str, Schema]) -> Any:
    """What fits a JSON schema: of ``value`` what it asks for, and otherwise the plainest."""
    if "$ref" in schema:
        return fitted(value, definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return fitted(value, choices[0], definitions)
    if "enum" in schema:
        return value if value in schema["enum"] else schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "object":
        given = value if isinstance(value, Mapping) else {}
        return {
            name: fitted(given.get(name), each, definitions)
            for name, each in schema.get("properties", {}).items()
        }
    if schema.get("type") == "array":
        given = value if isinstance(value, list) else [None] * schema.get("minItems", 0)
        return [fitted(each, schema.get("items", {}), definitions) for each in given]
    plainest = {"string": "", "integer": 0, "number": 0.0, "boolean": False, "null": None}
    if value is not None:
        return value
    return schema.get("minimum", plainest.get(schema.get("type", "string")))
