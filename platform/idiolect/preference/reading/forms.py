"""The forms of a row, told apart by their fields, and the examples that each makes.

    prompt, chosen, rejected            a pair, as TRL writes it: texts or lists of messages;
                                        without a prompt, two conversations that differ in the end
    ... tie: true                       a pair of which neither is better
    sample_w, context_w, sample_l, context_l      a pair whose sides have contexts of their own
    prompt, completion, label           a thumb up (true) or down on one reply
    context, samples, rewards           replies with a judge's rewards
    context, ranking                    replies, the best first
    context, tree                       steps of an answer and their alternatives, with values

``context`` and ``prompt`` are two names of the same thing. Every form may have ``id``, ``source``
and ``weight``; pairs also ``margin``, ``probability`` and ``rewards``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from idiolect.errors import InvalidInputError
from idiolect.preference.judged import Group, Step, step_pairs
from idiolect.preference.pairs import UNJUDGED, Context, Messages, Pair
from idiolect.preference.reading.fields import FieldError, Fields, Row, mapping
from idiolect.preference.reading.messages import context, context_at, conversation, reply

KIND_NAMES = {"pairs": "a pair", "verdicts": "a verdict", "groups": "a judged group"}

_MISSPELLED = 0.83  # "wieght" is near enough to "weight", "prompt_id" is another field


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a row holds.

    Attributes:
        kind: ``pairs``, ``verdicts`` or ``groups``.
        id: the row's name.
        examples: one, or of a tree all pairs of its steps.
        ignored: names of fields that were not read.
    """

    kind: str
    id: str
    examples: Sequence[Pair | Group]
    ignored: frozenset[str]


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a row.

    Attributes:
        name: as a person would call it.
        marks: fields of which any tells this form.
        others: further fields that it may have.
        kind: of its examples.
        read: makes them from the fields and the row's id.
    """

    name: str
    marks: frozenset[str]
    others: frozenset[str]
    kind: str
    read: Callable[[Fields, str], Sequence[Pair | Group]]


def parse(row: Row, default_id: str) -> Parsed:
    """The examples of a row.

    Raises:
        FieldError: one of its fields cannot be used.
    """
    fields = Fields(row)
    form = next((form for form in FORMS if any(mark in fields for mark in form.marks)), FORMS[-1])
    known = form.marks | form.others | _EVERYWHERE
    ignored = frozenset(fields.names()) - known
    for name in sorted(ignored):
        if name in _ALL_FIELDS:
            raise FieldError(name, f"does not go with {form.name}")
        near = get_close_matches(name, known, n=1, cutoff=_MISSPELLED)
        if near:
            raise FieldError(name, f"is not known; did you mean {near[0]}?")
    id = fields.label("id") or default_id
    try:
        return Parsed(form.kind, id, form.read(fields, id), ignored)
    except InvalidInputError as error:  # what the examples check of themselves
        raise FieldError("", error.message.partition(": ")[2] or error.message) from error


def _pair(fields: Fields, id: str) -> Sequence[Pair]:
    before, chosen, rejected = _sides(fields)
    if chosen == rejected:
        raise FieldError("rejected", "is the same as chosen")
    weight, source = _weight(fields), fields.label("source")
    if "tie" in fields and fields.flag("tie"):
        for name in sorted(_PAIR_NUMBERS & set(fields.names())):
            raise FieldError(name, "does not go with a tie")
        return (Pair.tie(before, chosen, rejected, weight=weight, source=source, id=id),)
    pair = Pair.under(
        before,
        chosen,
        rejected,
        weight=weight,
        margin=fields.number("margin", 0.0),
        probability=_probability(fields),
        rewards=_two_rewards(fields),
        source=source,
        id=id,
    )
    return (pair,)


def _sides(fields: Fields) -> tuple[Context, str, str]:
    if "prompt" in fields or "context" in fields:
        before = context(fields)
        return before, reply(fields, "chosen", before), reply(fields, "rejected", before)
    shared, chosen = conversation(fields, "chosen")
    other, rejected = conversation(fields, "rejected")
    if other != shared:
        raise FieldError("rejected", "differs from chosen before its last message")
    return shared, chosen, rejected


def _two_contexts(fields: Fields, id: str) -> Sequence[Pair]:
    sample_w, context_w = fields.text("sample_w"), context_at(fields, "context_w")
    sample_l, context_l = fields.text("sample_l"), context_at(fields, "context_l")
    if (sample_w, context_w) == (sample_l, context_l):
        raise FieldError("sample_l", "is the same as sample_w, under the same context")
    reward_w, reward_l = _two_rewards(fields)
    pair = Pair(
        sample_w=sample_w,
        context_w=context_w,
        sample_l=sample_l,
        context_l=context_l,
        weight=_weight(fields),
        margin=fields.number("margin", 0.0),
        probability=_probability(fields),
        reward_w=reward_w,
        reward_l=reward_l,
        source=fields.label("source"),
        id=id,
    )
    return (pair,)


def _verdict(fields: Fields, id: str) -> Sequence[Group]:
    if "prompt" in fields or "context" in fields:
        before = context(fields)
        sample = reply(fields, "completion", before)
    else:
        before, sample = conversation(fields, "completion")
    verdict = Group.verdict(
        before,
        sample,
        good=fields.flag("label"),
        weight=_weight(fields),
        source=fields.label("source"),
        id=id,
    )
    return (verdict,)


def _group(fields: Fields, id: str) -> Sequence[Group]:
    samples, rewards = fields.texts("samples"), fields.numbers("rewards")
    if len(samples) != len(rewards):
        raise FieldError("rewards", f"has {len(rewards)} numbers for {len(samples)} samples")
    group = Group(
        samples=samples,
        context=context(fields),
        rewards=rewards,
        weight=_weight(fields),
        source=fields.label("source"),
        id=id,
    )
    return (group,)


def _ranking(fields: Fields, id: str) -> Sequence[Group]:
    ranked = fields.texts("ranking")
    if len(ranked) < 2:
        raise FieldError("ranking", "has a single reply; rank two or more")
    for place, sample in enumerate(ranked):
        if sample in ranked[:place]:
            raise FieldError(f"ranking[{place}]", f"is the same as ranking[{ranked.index(sample)}]")
    group = Group.ranking(
        context(fields), ranked, weight=_weight(fields), source=fields.label("source"), id=id
    )
    return (group,)


def _tree(fields: Fields, id: str) -> Sequence[Pair]:
    before = context(fields)
    if isinstance(before[0], int):
        raise FieldError("context", "is token ids, and a tree goes on from messages")
    root = Fields(mapping(fields["tree"], "tree"), "tree.")
    if "text" in root and root["text"] != "":
        raise FieldError("tree.text", "is not empty; the root is what comes before the first step")
    tree = Step(text="", value=root.number("value", 0.0), children=_children(root))
    pairs = step_pairs(tree, _as_messages(before), id=id)
    if not pairs:
        raise FieldError("tree", "has no two alternative steps of different values")
    weight, source = _weight(fields), fields.label("source")
    return [replace(pair, weight=weight, source=source) for pair in pairs]


def _children(parent: Fields) -> tuple[Step, ...]:
    if "children" not in parent or parent["children"] == []:
        return ()
    steps = []
    for place, value in enumerate(parent.items("children")):
        at = f"{parent.at('children')}[{place}]"
        step = Fields(mapping(value, at), f"{at}.")
        if "value" not in step:
            raise FieldError(step.at("value"), "is missing")
        children = _children(step)
        steps.append(Step(text=step.text("text"), value=step.number("value", 0), children=children))
    return tuple(steps)


def _as_messages(before: Context) -> Messages:
    return tuple(message for message in before if isinstance(message, Mapping))


def _weight(fields: Fields) -> float:
    weight = fields.number("weight", 1.0)
    if weight < 0:
        raise FieldError("weight", "is below 0")
    return weight


def _probability(fields: Fields) -> float:
    probability = fields.number("probability", 1.0)
    if not 0 <= probability <= 1:
        raise FieldError("probability", "is not between 0 and 1")
    return probability


def _two_rewards(fields: Fields) -> tuple[float, float]:
    if "rewards" not in fields:
        return fields.number("reward_w", UNJUDGED), fields.number("reward_l", UNJUDGED)
    rewards = fields.numbers("rewards")
    if len(rewards) != 2:
        raise FieldError("rewards", f"has {len(rewards)} numbers, not chosen's and rejected's")
    return rewards[0], rewards[1]


_CONTEXT = frozenset({"prompt", "context"})
_PAIR_NUMBERS = frozenset({"margin", "probability", "rewards", "reward_w", "reward_l"})
_EVERYWHERE = frozenset({"id", "source", "weight"})

# The last one is also what a row is taken for that has none of the marks.
FORMS = (
    Form("a tree", frozenset({"tree"}), _CONTEXT, "pairs", _tree),
    Form("a ranking", frozenset({"ranking"}), _CONTEXT, "groups", _ranking),
    Form("samples with rewards", frozenset({"samples"}), _CONTEXT | {"rewards"}, "groups", _group),
    Form("a verdict", frozenset({"completion", "label"}), _CONTEXT, "verdicts", _verdict),
    Form(
        "two samples, each under its context",
        frozenset({"sample_w", "context_w", "sample_l", "context_l"}),
        _PAIR_NUMBERS - {"rewards"},
        "pairs",
        _two_contexts,
    ),
    Form(
        "a pair",
        frozenset({"chosen", "rejected"}),
        _CONTEXT | _PAIR_NUMBERS | {"tie"},
        "pairs",
        _pair,
    ),
)

_ALL_FIELDS = frozenset().union(*(form.marks | form.others for form in FORMS))
