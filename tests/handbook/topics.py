"""Small topics for tests, whose words and lengths can be counted."""

from idiolect.handbook.topics import Fact, Point, Topic


def topic(name: str, *asks: str, points: int = 8) -> Topic:
    """A topic whose lines have 20 characters each, the first word saying what they are."""
    return Topic(
        id=name.replace(" ", "-"),
        name=name,
        area="tests",
        asks=asks,
        points=tuple(Point(f"Point {n}", _line(f"Point{n} {name}")) for n in range(points)),
        why=_line("Why"),
        example=_line("Example"),
        caution=_line("Caution"),
        question=_line("Question"),
        technical=_line("Technical"),
        facts=(Fact("keeps bees", "Since you keep bees, listen."),),
    )


def _line(start: str) -> str:
    return f"{start:.<20.20}"
