"""A conversation's title: its first words.

The bundled model was taught to write one, and is not asked, because it is no better; see its card.
"""

TITLE_CHARACTERS = 60


def title_of(text: str) -> str:
    """A conversation's title: the first words of its first message."""
    words = " ".join(text.split())
    if len(words) <= TITLE_CHARACTERS:
        return words
    cut = words[:TITLE_CHARACTERS]
    return f"{cut.rpartition(' ')[0] or cut}…"
