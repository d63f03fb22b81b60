"""Our own replies are known again, also when they are framed or changed a little."""

from idiolect.usermodel.audit.replies import (
    PASSAGE,
    fingerprint,
    fingerprints,
    holds_ours,
    is_ours,
)

REPLY = (
    "Start with the low beds, then water the beans twice a week and leave the fig alone until the "
    "evenings are warm again."
)
OURS = fingerprints([REPLY, "Of course."])


def test_runs_of_five_words() -> None:
    assert fingerprint("one two three four") == frozenset()
    assert len(fingerprint("one two three four five")) == 1
    assert len(fingerprint("one two three four five six")) == 2
    assert fingerprint("One, two: three four FIVE!") == fingerprint("one two three four five")


def test_a_reply_and_a_reply_with_a_changed_word_are_ours() -> None:
    assert is_ours(REPLY, OURS)
    # 22 words are 18 runs; a changed word in the middle breaks 5 of them: 13/18 > 1/2.
    assert is_ours(REPLY.replace("fig", "vine"), OURS)


def test_what_anybody_says_is_not_ours() -> None:
    assert not is_ours("Of course.", OURS)
    assert not is_ours("Water the beans twice a week, said my aunt, who has had a garden.", OURS)
    assert not is_ours(REPLY, frozenset())


def test_a_passage_in_a_longer_text_is_noticed() -> None:
    passage = " ".join(REPLY.split()[:12])
    letter = f"Dear Ben, this is what it told me: {passage} and so on. " + "I like rain. " * 20
    assert len(fingerprint(passage)) == PASSAGE
    assert not is_ours(letter, OURS)
    assert holds_ours(letter, OURS)
    assert not holds_ours(" ".join(REPLY.split()[:11]), OURS)
