"""What the terminal says of where a reply comes from."""

from idiolect.cli.chat import written_from


def test_a_reply_names_its_notes_and_counts_what_is_known() -> None:
    notes = [{"id": "t1", "topic": "baking bread"}, {"id": "t2", "topic": "sleep"}]
    assert written_from({"memories": [{}, {}], "notes": notes}) == (
        "\n  [things known of you: 2; notes: baking bread, sleep]"
    )
    assert written_from({"memories": [], "notes": notes[:1]}) == "\n  [notes: baking bread]"


def test_a_reply_from_nothing_says_nothing() -> None:
    assert written_from({"memories": [], "notes": []}) == ""
    assert written_from({}) == ""
