"""The prompts of the user model: one Markdown file each, with named fields in braces."""

from pathlib import Path

_FOLDER = Path(__file__).resolve().parent


def render(name: str, **fields: str) -> str:
    """The prompt of this name with its fields filled in.

    What is filled in is not looked at again, so braces in a user's text do no harm.
    """
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8").format(**fields)
