"""The topics that ship are whole, and their lines can stand in a list."""

from idiolect.handbook.notes import heading, section
from idiolect.handbook.topics import load_topics


def test_every_topic_is_whole() -> None:
    topics = load_topics()
    assert len(topics) == 616
    assert len({topic.id for topic in topics}) == len({topic.name for topic in topics}) == 616
    for topic in topics:
        assert (len(topic.asks), len(topic.points), len(topic.facts)) == (8, 8, 3)
        assert all(point.short[0].isupper() and point.long for point in topic.points)
        assert all((topic.why, topic.technical, topic.example, topic.caution, topic.question))


def test_no_line_breaks_out_of_its_list() -> None:
    for topic in load_topics():
        first, *rest = section(topic).splitlines()
        assert first == heading(topic.name)
        assert len(rest) == 8 + 5
        assert all(line.startswith("- ") for line in rest)
