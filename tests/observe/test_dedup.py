"""Near-identical screens are told from screens that say something new."""

from hypothesis import given
from hypothesis import strategies as st

from idiolect.observe.dedup import MAX_BITS, distance, fingerprint, says_nothing_new

WORDS = [f"{first}{second}word" for first in "abcdefghijkl" for second in "mnopqrstuvwx"]
PAGE = " ".join(WORDS)  # 144 different words


def test_a_text_is_at_no_distance_from_itself() -> None:
    assert distance(fingerprint(PAGE), fingerprint(PAGE)) == 0


def test_the_order_and_the_digits_of_a_text_do_not_count() -> None:
    backwards = " ".join(reversed(WORDS))
    assert fingerprint(f"{backwards} 12:45") == fingerprint(f"{PAGE} 12:44")


def test_a_fingerprint_fits_a_signed_64_bit_column() -> None:
    prints = [fingerprint(word) for word in WORDS]
    assert all(-(2**63) <= one < 2**63 for one in prints)
    assert min(prints) < 0 < max(prints)


def test_one_word_has_its_own_hash_as_fingerprint() -> None:
    # With one word every bit's vote is that word's bit: `printf word | b2sum -l 64`.
    assert fingerprint("Word") == 0x4AA4CF27D7C78E95


def test_distance_counts_differing_bits_also_across_the_sign() -> None:
    # -1 is 64 ones, 0 none; 5 = 0b101 and 6 = 0b110 differ in two.
    assert distance(-1, 0) == 64
    assert distance(5, 6) == 2


def test_few_changed_words_stay_near_and_other_texts_are_far() -> None:
    few_changed = " ".join(["new", "words", *WORDS[2:]])
    assert distance(fingerprint(PAGE), fingerprint(few_changed)) <= MAX_BITS
    other = " ".join(f"{word}other" for word in WORDS)
    assert distance(fingerprint(PAGE), fingerprint(other)) > MAX_BITS


def test_one_new_word_in_75_is_taken_for_a_misread_one() -> None:
    # 144 words allow 144 // 75 = 1 new word; 50 words allow none.
    assert says_nothing_new(" ".join(["new", *WORDS[1:]]), PAGE)
    assert not says_nothing_new(" ".join(["new", "words", *WORDS[2:]]), PAGE)
    assert not says_nothing_new(" ".join(["new", *WORDS[1:50]]), PAGE)


def test_a_part_of_what_was_shown_is_nothing_new_and_more_of_it_is() -> None:
    half = " ".join(WORDS[:72])
    assert says_nothing_new(half, PAGE)
    assert not says_nothing_new(PAGE, half)


@given(st.text(max_size=60), st.text(max_size=60))
def test_distance_is_symmetric_and_bounded(left: str, right: str) -> None:
    there = distance(fingerprint(left), fingerprint(right))
    assert there == distance(fingerprint(right), fingerprint(left))
    assert 0 <= there <= 64
