"""How a system message asks for each value: data, and which of it lessons never see.

A dozen wordings a value, none of them among those that the bundled model was taught in. The values
that no lesson has are not named in the wordings of others.
"""

import random
from collections.abc import Mapping, Sequence

from idiolect.proofs.members.janus.values import DIMENSIONS
from idiolect.simulation.splits import Combination

HELD_OUT = 3
"""The last wordings of each value: only tests use them."""

WORDINGS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "support": {
        "alone": (
            "Give the advice alone.",
            "Add nothing to the advice.",
            "Leave out reasons and examples.",
            "Advice and nothing else.",
            "The user wants bare advice.",
            "Skip explanations and examples.",
            "No reasons, no examples.",
            "Do not explain or illustrate.",
            "Stick to the advice itself.",
            "Leave the advice without any addition.",
            "Give neither a reason nor an example.",
            "The user wants the advice and nothing more.",
        ),
        "reason": (
            "Give a reason for the advice.",
            "Say why it helps.",
            "Explain why.",
            "Tell the user the reason behind it.",
            "The user wants to know why.",
            "Back the advice with a reason.",
            "Include the reason.",
            "Justify what you say.",
            "Let the user know what makes it work.",
            "Add why it works.",
            "State the reason for what you advise.",
            "The user likes to hear the reason.",
        ),
        "example": (
            "Give an example.",
            "Add one example.",
            "Show it with an example.",
            "The user likes examples.",
            "Illustrate the advice with a case.",
            "Bring in an example from life.",
            "Make it concrete with an example.",
            "Include a short example.",
            "Let an example make it clear.",
            "Put an example into the reply.",
            "Use an example to illustrate it.",
            "The user wants to see an example.",
        ),
        "caution": (
            "Add a warning.",
            "Name a risk.",
            "Say what to be careful about.",
            "Warn the user of what can go wrong.",
            "Include a word of caution.",
            "Mention a danger.",
            "Tell the user what to avoid.",
            "The user wants to know the risks.",
            "Point out a pitfall.",
            "Caution the user.",
            "Say what to watch out for.",
            "Give one warning.",
        ),
    },
    "voice": {
        "command": (
            "Let every sentence be an order.",
            "Give orders.",
            "Use commands.",
            "Write instructions in the imperative.",
            "The user wants clear orders.",
            "Begin each sentence with a verb.",
            "Instruct the user.",
            "Command the user.",
            "Put the advice as orders.",
            "Give clear instructions.",
            "Write your advice as commands.",
            "The user likes to be told what to do.",
        ),
        "offer": (
            "Offer options.",
            "Make suggestions.",
            "Say what the user could do.",
            "Leave the choice to the user.",
            "The user wants to choose.",
            "Only suggest.",
            "Put the advice as a possibility.",
            "Speak of what one can do.",
            "Let the user decide.",
            "Suggest what the user could do.",
            "Write your advice as options.",
            "The user likes suggestions.",
        ),
        "self": (
            "Say what you would do.",
            "Speak of yourself.",
            "Use the first person.",
            "Tell what you do yourself.",
            "Write from your own experience.",
            "Begin with I.",
            "The user asks what you would do.",
            "Talk about your own habits.",
            "Put the advice as what you do.",
            "Speak for yourself.",
            "Write as I.",
            "The user likes to hear what you do.",
        ),
    },
    "certainty": {
        "plain": (
            "Leave out all doubt.",
            "Do not hedge.",
            "No maybes.",
            "The user dislikes doubt.",
            "Make no reservations.",
            "Do not sound unsure.",
            "State it without doubt.",
            "Avoid hedged claims.",
            "Never qualify what you say.",
            "Show no doubt.",
            "Do not hedge your claims.",
            "The user does not want any hedges.",
        ),
        "hedged": (
            "Hedge what you say.",
            "Show some doubt.",
            "Say that you may be wrong.",
            "Be tentative.",
            "Sound unsure.",
            "Qualify your claims.",
            "Admit that you are not certain.",
            "The user likes hedged claims.",
            "Do not sound too sure.",
            "Add some doubt to what you say.",
            "Hedge your claims.",
            "The user wants you to sound tentative.",
        ),
        "stressed": (
            "Be emphatic.",
            "Stress every point.",
            "Insist on what you say.",
            "Sound fully convinced.",
            "Put weight on your claims.",
            "Drive every point home.",
            "Say that there is no exception.",
            "The user likes firm claims.",
            "Assert what you say.",
            "Speak with conviction.",
            "Underline each claim.",
            "The user wants emphasis.",
        ),
    },
    "layout": {
        "joined": (
            "Write everything on one line.",
            "Keep all sentences together.",
            "Do not break lines.",
            "Let the sentences follow each other.",
            "No line breaks.",
            "Run the sentences together.",
            "The user dislikes line breaks.",
            "Use one block of text.",
            "Start no new lines.",
            "Keep the text in one block.",
            "Do not use any line breaks.",
            "The user wants all sentences together.",
        ),
        "lines": (
            "Put each sentence on its own line.",
            "Start a new line after every sentence.",
            "One sentence per line.",
            "Break the line after each sentence.",
            "Give every sentence a line of its own.",
            "The user likes one sentence a line.",
            "Use a new line for each sentence.",
            "Write line by line.",
            "Let no two sentences share a line.",
            "Begin every sentence on a new line.",
            "Put a line break after each sentence.",
            "The user wants each sentence on a line of its own.",
        ),
        "spaced": (
            "Leave a blank line between sentences.",
            "Put empty lines between the sentences.",
            "Space the sentences out.",
            "Separate sentences with a blank line.",
            "Use double line breaks.",
            "Skip a line after every sentence.",
            "The user likes empty lines.",
            "Let there be space around each sentence.",
            "Give each sentence a block of its own.",
            "Spread the text out.",
            "Add a blank line after each sentence.",
            "The user wants space between sentences.",
        ),
    },
    "frame": {
        "bare": (
            "Do not sum up.",
            "No summary.",
            "End without a summary.",
            "Skip the summary.",
            "Leave out any summing up.",
            "The user dislikes summaries.",
            "Do not repeat yourself at the end.",
            "Add no closing line.",
            "Finish when all is said.",
            "Leave the summary out.",
            "Give no summary.",
            "The user does not want a summary.",
        ),
        "summary": (
            "End with a summary.",
            "Sum up at the end.",
            "Close with a line that sums up.",
            "Finish with the gist.",
            "The last line is a summary.",
            "Put it in a nutshell at the end.",
            "The user likes a summary.",
            "Repeat the main point at the end.",
            "Conclude with a summary.",
            "Finish by summing up.",
            "Add a summary at the end.",
            "The user wants a summary as the last line.",
        ),
        "heading": (
            "Begin with a heading.",
            "Put a title above the text.",
            "Give the reply a heading.",
            "Write the topic on top.",
            "Start with a title.",
            "Head the reply with its topic.",
            "The user likes headings.",
            "Use a headline.",
            "Put the topic above the text.",
            "Add a title line.",
            "Open with a headline.",
            "The user wants a title.",
        ),
    },
}


def known_wordings(dimension: str, value: str) -> Sequence[str]:
    """Those that lessons may use."""
    return WORDINGS[dimension][value][:-HELD_OUT]


def new_wordings(dimension: str, value: str) -> Sequence[str]:
    """Those that no lesson uses."""
    return WORDINGS[dimension][value][-HELD_OUT:]


def wishes(combination: Combination, rng: random.Random, *, held_out: bool) -> str:
    """A paragraph that asks for every value of a combination, in any order.

    Args:
        combination: a value of each dimension.
        rng: draws wordings and order.
        held_out: whether only wordings that no lesson uses are drawn.
    """
    wordings = new_wordings if held_out else known_wordings
    asked = [
        rng.choice(wordings(dimension.name, value))
        for dimension, value in zip(DIMENSIONS, combination, strict=True)
    ]
    rng.shuffle(asked)
    return " ".join(asked)
