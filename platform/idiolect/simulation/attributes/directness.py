"""Whether a text tells what to do or only suggests it.

Blum-Kulka, House and Kasper 1989 (Cross-Cultural Pragmatics: Requests and Apologies) order
requests from the mood of the verb, the most direct, to hints. Of that scale a program sees two
ends: imperatives and obligations, and suggestions that leave a choice.
"""

import re

from idiolect.simulation.attributes.attribute import Attribute, Measured, band_of
from idiolect.simulation.attributes.words import phrase_pattern, sentences

_VERBS = (
    "accept add adjust admit agree aim air allow answer apologise apologize apply arrange "
    "arrive ask assemble assume attach attend avoid bake be begin bend block blow boil book "
    "borrow bounce bow break breathe bring browse brush build bundle buy call cancel capture "
    "carry catch celebrate change charge check choose chop circle claim click close collect "
    "combine come compare confirm connect contact continue cook copy correct count cover "
    "create cross cut dance decide declare define delete deliver demonstrate deny describe "
    "detach dig dim dip discard discuss dissolve divide do double download drag drain draw "
    "dress drink drive drop eat edit empty encourage end enjoy enter erase estimate examine "
    "exercise expand expect explain explore extend fasten feed feel fetch fill find finish "
    "fix flip float focus fold follow forget forgive freeze fry gather get give glue go grab "
    "grate greet grind grip group grow guess halve hammer hand hang have hear heat help hide "
    "hire hit hold hurry ignore imagine include insert inspect install introduce invent "
    "invite iron join joke jot judge jump keep kick kiss knead knit knock know label lay lean "
    "learn leave lend let lie lift link list listen load lock look loosen lubricate mail make "
    "map marinate mark match measure meet melt mend mention mix mop mount move multiply nail "
    "name note notice observe obtain offer open order organize own pack paint park paste "
    "pause pay peel perform phone pick pin pitch place plan plant play pluck plug point "
    "polish post pour practice practise praise prefer preheat prepare press prevent print "
    "proceed protect prune pull punch push put question quote raise reach read record reduce "
    "refill refuse register reheat reject relate relax release rely remain remember remind "
    "remove rent repair repeat replace report request reserve reset resist respect respond "
    "rest restart return reverse review reward rewrite ride ring rinse rise roast roll rotate "
    "rub run sand save say scan schedule scratch scroll seal search season secure see select "
    "sell send separate serve set sew shake share shave shop shorten shout show shut sign "
    "simmer sing sip sit sketch skim skip sleep slice smell smile smooth soak sort speak "
    "spell spend spin split spray spread squeeze stack stamp stand start state stay steer "
    "step stick stir stop store stretch strip study submit subtract suggest summarize support "
    "surround swallow swap sweep swim switch take talk tap taste teach tell test thank think "
    "tie tilt time tip toast tolerate toss touch trace track trade train transfer translate "
    "travel treat trim trust try tuck tune turn type understand undo unfold uninstall unlock "
    "unplug update upgrade upload urge use vacuum vary verify visit vote wait wake walk "
    "wander warn wash watch water wear weed weigh welcome wet whisk whistle win wind wipe "
    "wish wonder work wrap write yell zoom"
)
"""Verbs that everyday advice begins with."""

_LEAD = (
    r"^(?:please|just|then|first|next|finally|now|also|always|and|or|so|kindly|simply|never)?,?\s*"
)
_COMMAND = re.compile(
    _LEAD + rf"(?:(?:do not|don't|never|always)\s+\w+|(?:{_VERBS.replace(' ', '|')}))\b"
    r"(?!\s*[:?]|\s+(?:is|are|was|were|has|had|can|will|would|may|might|does)\b)",
    re.I,
)
_MUST = phrase_pattern(
    ("you must", "you should", "you need to", "you have to", "you ought to", "be sure to")
)
_SUGGESTION = phrase_pattern(
    (
        *("you could", "you might", "you may", "you can", "could you", "would you", "how about"),
        *("what about", "why not", "maybe", "perhaps", "if you like", "if you want", "if you wish"),
        *("it might help", "it may help", "it could help", "feel free", "one option", "one idea"),
        *("i would suggest", "i'd suggest", "i suggest", "worth a try", "may want to", "consider"),
    )
)
_BANDS = (("suggesting", -1 / 3), ("mixed", 1 / 3), ("direct", 1.0))


def is_command(sentence: str) -> bool:
    """Whether a sentence is an imperative or names a duty."""
    return _COMMAND.match(sentence) is not None or _MUST.search(sentence) is not None


def is_suggestion(sentence: str) -> bool:
    """Whether a sentence names what may be done and is no command."""
    return not is_command(sentence) and _SUGGESTION.search(sentence) is not None


def _measure(text: str) -> Measured:
    parts = sentences(text)
    told = sum(map(is_command, parts))
    suggested = sum(map(is_suggestion, parts))
    balance = (told - suggested) / (told + suggested) if told + suggested else 0.0
    return Measured(balance, band_of(balance, _BANDS))


DIRECTNESS = Attribute(
    "directness", "commands less suggestions, of their sum", (-1.0, 1.0), (-1.0, 1.0), _measure
)
