"""A small language for objectives: a preset, its parameters, and pieces put in place of its own.

    objective: dpo
    objective: {preset: simpo, gamma: 0.5}
    objective: {preset: dpo, label: {robust: 0.2}, score: {divergence: js}}

A piece is a name, a name with its first parameter, or a name with parameters by name:
``robust``, ``{robust: 0.2}``, ``{robust: {flip_rate: 0.2}}``. So what papers composed and what
they did not is written alike; a combination that makes no sense is refused with the reason.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, replace
from typing import Any, TypeVar

from idiolect.errors import InvalidInputError
from idiolect.preference.objective import Objective, PairObjective
from idiolect.preference.pieces.auxiliary import NegativeLogLikelihood
from idiolect.preference.pieces.label import LABELS, Given, Posterior
from idiolect.preference.pieces.link import LINKS, Nothing, ReverseKL
from idiolect.preference.pieces.logit import GAPS, Logit, Paired
from idiolect.preference.pieces.score import (
    DIVERGENCES,
    LENGTHS,
    PREVIOUS,
    REFERENCE,
    SHAPES,
    Bounded,
    Identity,
    LogOdds,
    Mean,
    Score,
)
from idiolect.preference.pieces.weight import WEIGHTS
from idiolect.preference.presets import preset
from idiolect.preference.presets.preset import checked
from idiolect.preference.state import Reliability

Spec = str | Mapping[str, Any]

T = TypeVar("T")


def compose(spec: Spec) -> Objective:
    """The objective that a text or a mapping describes.

    Raises:
        InvalidInputError: something in it does not exist, has a wrong value, or does not go
            together with the rest.
    """
    if isinstance(spec, str):
        spec = {"preset": spec}
    parts = dict(spec)
    name = parts.pop("preset", "dpo")
    if not isinstance(name, str):
        raise InvalidInputError("objective.preset is a name", hint="For example: dpo.")
    pieces = {key: parts.pop(key) for key in list(parts) if key in _PIECES}
    composed = preset(name)(name, parts)
    if not pieces:
        return composed
    if not isinstance(composed, PairObjective):
        raise InvalidInputError(
            f"{name} compares groups and has no {', '.join(pieces)} to put in",
            hint="Set its parameters, or compose from a pairwise preset.",
        )
    for key, value in pieces.items():
        composed = _PIECES[key](composed, value)
    _check(composed)
    return composed


def _score(composed: PairObjective, value: Any) -> PairObjective:
    given = _mapping("objective.score", value, ("anchors", "length", "divergence", "shape"))
    score = composed.score
    if "anchors" in given:
        score = replace(score, anchors=_anchors(given["anchors"]))
    if "length" in given:
        score = replace(score, length=_piece("objective.score.length", LENGTHS, given["length"]))
    if "divergence" in given:
        if not score.anchors:
            raise _senseless(
                "a divergence is a distance from a reference and this score has no anchor",
                "Give score.anchors, or use score.shape for a shape without that meaning.",
            )
        shape = _piece("objective.score.divergence", DIVERGENCES, given["divergence"])
        score = replace(score, shape=shape)
    if "shape" in given:
        score = replace(score, shape=_piece("objective.score.shape", SHAPES, given["shape"]))
    return replace(composed, score=score)


def _anchors(value: Any) -> tuple[tuple[str, float], ...]:
    given = _mapping("objective.score.anchors", value, (REFERENCE, PREVIOUS))
    return tuple(
        (name, float(checked(f"objective.score.anchors.{name}", 1.0, weight)))
        for name, weight in given.items()
    )


def _logit(composed: PairObjective, value: Any) -> PairObjective:
    given = _mapping("objective.logit", value, ("beta", "gamma", "length_rate", "gain_beta", "gap"))
    numbers = {
        key: checked(f"objective.logit.{key}", 1.0, number)
        for key, number in given.items()
        if key != "gap"
    }
    logit: Logit = replace(composed.logit, **numbers)  # type: ignore[arg-type]  # checked floats
    if "gap" in given:
        logit = replace(logit, gap=_piece("objective.logit.gap", GAPS, given["gap"]))
    return replace(composed, logit=logit)


def _link(composed: PairObjective, value: Any) -> PairObjective:
    return replace(composed, link=_piece("objective.link", LINKS, value))


def _label(composed: PairObjective, value: Any) -> PairObjective:
    label = _piece("objective.label", LABELS, _without_sources(value))
    if not isinstance(label, Posterior):
        return replace(composed, label=label)
    if composed.running is not None and not isinstance(composed.running, Reliability):
        raise _senseless(
            "the posterior label keeps reliabilities and this preset keeps another estimate",
            "Choose a preset without running estimates.",
        )
    running = composed.running or Reliability(sources=_sources(value))
    return replace(composed, label=label, running=running, gibbs=True)


def _without_sources(value: Any) -> Any:
    return "posterior" if isinstance(value, Mapping) and "posterior" in value else value


def _sources(value: Any) -> int:
    if not isinstance(value, Mapping):
        return 1
    given = value["posterior"]
    if isinstance(given, Mapping):
        given = _mapping("objective.label.posterior", given, ("sources",)).get("sources", 1)
    return int(checked("objective.label.posterior.sources", 1, given))


def _weight(composed: PairObjective, value: Any) -> PairObjective:
    given = value if isinstance(value, list | tuple) else [value]
    added = tuple(_piece("objective.weight", WEIGHTS, one) for one in given)
    return replace(composed, weights=(*composed.weights, *added))


def _nll(composed: PairObjective, value: Any) -> PairObjective:
    coefficient = float(checked("objective.add_nll", 1.0, value))
    term = NegativeLogLikelihood(coefficient)
    return replace(composed, auxiliaries=(*composed.auxiliaries, term))


_PIECES: Mapping[str, Callable[[PairObjective, Any], PairObjective]] = {
    "score": _score,
    "logit": _logit,
    "link": _link,
    "label": _label,
    "weight": _weight,
    "add_nll": _nll,
}


def _check(composed: PairObjective) -> None:
    """Refuses what can be written down but means nothing."""
    score, label, gap = composed.score, composed.label, composed.logit.gap
    odds = isinstance(score.shape, LogOdds)
    if odds and (score.anchors or not isinstance(score.length, Mean)):
        raise _senseless(
            "log-odds are of a probability: a mean log-probability without anchors",
            "Set score.anchors to {} and score.length to mean.",
        )
    if isinstance(score.shape, Bounded) and score.anchors:
        raise _senseless(
            "the bounded shape is of a cost of at least 0, and a log-ratio has both signs",
            "Set score.anchors to {}.",
        )
    if isinstance(composed.link, ReverseKL) and not isinstance(label, Given):
        raise _senseless(
            "the reverse-KL link smooths the label itself, so another label would do it twice",
            "Set link.reverse_kl.smoothing, or choose another link.",
        )
    if not isinstance(gap, Paired) and (composed.weights or isinstance(label, Posterior)):
        raise _senseless(
            "a sorted gap is of no single pair, so neither a weight nor a posterior fits it",
            "Use the gap `paired`.",
        )
    if isinstance(composed.link, Nothing) and not composed.pointwise and not composed.auxiliaries:
        raise _senseless(
            "the link costs nothing and there is no other term, so nothing would be learned",
            "Choose another link.",
        )
    if score == Score((), score.length, Identity()) and composed.logit.beta <= 0:
        raise _senseless("beta is not above 0", "Set logit.beta above 0.")


def _piece(what: str, family: Mapping[str, Callable[..., T]], value: Any) -> T:
    """A member of a family by its name, with its first parameter or parameters by name."""
    name, given = (value, {}) if isinstance(value, str) else _single(what, value)
    make = family.get(name)
    if make is None:
        raise InvalidInputError(
            f"{what} cannot be {name!r}", hint=f"Use one of: {', '.join(family)}."
        )
    settable = {
        one.name: one.default
        for one in fields(make)  # type: ignore[arg-type]  # every member is a dataclass
        if one.default is not MISSING
        and isinstance(one.default, int | float)
        and not one.name.startswith(("needs_", "couples_"))
    }
    if not isinstance(given, Mapping):
        if not settable:
            raise InvalidInputError(f"{what}.{name} has no parameter", hint="Give its name alone.")
        given = {next(iter(settable)): given}
    for key in given:
        if key not in settable:
            raise InvalidInputError(
                f"{what}.{name} has no parameter {key!r}",
                hint=f"It has: {', '.join(settable) or 'none'}.",
            )
    return make(
        **{key: checked(f"{what}.{name}.{key}", settable[key], one) for key, one in given.items()}
    )


def _single(what: str, value: Any) -> tuple[str, Any]:
    if isinstance(value, Mapping) and len(value) == 1:
        name, given = next(iter(value.items()))
        return str(name), given
    raise InvalidInputError(
        f"{what} is a name or one name with its parameters, not {value!r}",
        hint="For example: {robust: 0.2}.",
    )


def _mapping(what: str, value: Any, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"{what} is a mapping, not {value!r}", hint=_listed(known))
    unknown = sorted(set(value) - set(known))
    if unknown:
        raise InvalidInputError(f"{what} has no {', '.join(unknown)}", hint=_listed(known))
    return value


def _listed(known: tuple[str, ...]) -> str:
    return f"It has: {', '.join(known)}."


def _senseless(why: str, hint: str) -> InvalidInputError:
    return InvalidInputError(
        f"these pieces do not go together: {why}", hint=hint, code="SENSELESS_OBJECTIVE"
    )
