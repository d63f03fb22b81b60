"""A conversation's title as the bundled model writes it."""

from idiolect.lm.protocols import LanguageModel, Sampling
from idiolect.lm.structured import complete
from idiolect.usermodel.grounding import content_words
from tools.bundled_model.tasks.forms import title_prompt

SAMPLING = Sampling(max_tokens=24, temperature=0.0)
MOST_WORDS = 10


def write_title(model: LanguageModel, message: str) -> str | None:
    """A title for the conversation that begins with a message; None when there is no usable one.

    A title that is no single short line, or that shares no word with the message, is not used: the
    model has then written of something else, and the message's first words are the better title.

    Args:
        model: was taught the form.
        message: the conversation's first.

    Raises:
        ModelError: the model failed.
    """
    [reply] = complete(model, title_prompt(message), SAMPLING)
    title = reply.strip()
    if "\n" in title or len(title.split()) > MOST_WORDS:
        return None
    return title if content_words(title) & content_words(message) else None
