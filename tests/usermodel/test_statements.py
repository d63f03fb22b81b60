"""What the user says becomes a sentence about the user; what others say does not."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.usermodel.confidence import STATED, Trust
from idiolect.usermodel.propose.grammar import expand, third_person
from idiolect.usermodel.propose.protocols import Draft
from idiolect.usermodel.propose.seen import Seen
from idiolect.usermodel.propose.speakers import own_sentences
from idiolect.usermodel.propose.statements import propose_statements
from tests.usermodel.seeds import MONDAY, view


def said(text: str, trust: Trust = "typed", kind: str = "statement") -> list[Draft]:
    observation = view(text, trust=trust, kind=kind)
    seen = Seen((observation,), (), "Mara", MONDAY, UTC)
    drafts = list(propose_statements(seen))
    for draft in drafts:
        assert all(evidence.quote in text for evidence in draft.evidence)
    return drafts


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("I am learning the piano", "Mara is learning the piano."),
        ("I don't eat meat", "Mara doesn't eat meat."),
        ("I study my notes", "Mara studies their notes."),
        ("I usually watch films with my sister", "Mara usually watches films with their sister."),
        ("I strongly prefer tea", "Mara strongly prefers tea."),
        ("I rely on my notes", "Mara relies on their notes."),
        ("I went home", "Mara went home."),
        ("I can't stand coriander", "Mara can't stand coriander."),
        ("I have two dogs", "Mara has two dogs."),
        ("I no longer smoke", "Mara no longer smokes."),
        ("my favorite tea is oolong", "Mara's favorite tea is oolong."),
        ("they are away", None),
        ("I", None),
    ],
)
def test_the_first_person_becomes_the_third(clause: str, expected: str | None) -> None:
    assert third_person(clause, "Mara") == expected


def test_contractions_are_written_out() -> None:
    assert expand("I'm sure I've said I'll go") == "I am sure I have said I will go"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'm learning the piano.", "Mara is learning the piano."),
        ("I prefer tea to coffee, so bring some.", "Mara prefers tea to coffee."),
        ("Btw I'm vegetarian!", "Mara is vegetarian."),
        ("I swim every Thursday.", "Mara swims every Thursday."),
        (
            "From now on I test a restore every month",
            "Mara tests a restore every month from now on.",
        ),
        ("We meet at my daughter Ana's school.", "Mara has a daughter called Ana."),
        ("please keep it short", "Mara prefers short answers."),
        ("Shorter please, and as a list", "Mara prefers answers as lists."),
        ("I am going to Faro next week.", "Mara is going to Faro next week."),
        ("I moved to Lisbon in May", "Mara moved to Lisbon in May."),
        ("I no longer work on Fridays", "Mara no longer works on Fridays."),
    ],
)
def test_statements_are_understood(text: str, expected: str) -> None:
    assert expected in [draft.text for draft in said(text)]


@pytest.mark.parametrize(
    "text",
    [
        "If I lived in Porto I would swim every day.",
        "Should I learn the piano?",
        "I wish I could play the cello.",
        "I'll write it up.",
        "I think so too.",
        "I am joking, I am a millionaire if you believe that",
        "Piotr is learning the piano.",
    ],
)
def test_what_says_nothing_lasting_is_left_out(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    "text",
    [
        'Best line: "I cook. I keep nine bees and a goat", with a straight face.',
        "\u201cI cook every day. I keep bees\u201d he said",
        "I never have.",
        "I would love to come!",
        "I think the tram is late today",
        "I got your mail about the tram",
        "I OFF is best for the choir",
        "I changed the part that we talked about and left the rest",
    ],
)
def test_quotations_and_small_talk_are_left_out(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I swapped my Friday with Lubo", "Mara swapped their Friday with Lubo."),
        ("Last year I lost one colony to hunger", "Mara lost one colony to hunger last year."),
        ("I look after three machines unpaid", "Mara looks after three machines unpaid."),
        ("I still rent a car at Christmas", "Mara still rents a car at Christmas."),
        ("I will try slippers before Christmas", "Mara will try slippers before Christmas."),
        ("I did ask Corinne for four days a week", "Mara did ask Corinne for four days a week."),
        ("I paste everything and ask for bullets", "Mara pastes everything and asks for bullets."),
    ],
)  # fmt: skip
def test_what_the_user_did_does_and_will_do(text: str, expected: str) -> None:
    [draft] = said(text)
    assert draft.text == expected
    assert said(text, "read", "screen") == []


def test_a_form_shows_what_was_written_into_it_between_quotation_marks() -> None:
    form = 'Your question\n"Hello. I have built five kits. I am left-handed."\n[Withdraw]'
    assert [draft.text for draft in said(form, "sent", "screen")] == [
        "Mara has built five kits.",
        "Mara is left-handed.",
    ]


def test_the_time_of_a_message_is_no_part_of_it() -> None:
    [draft] = said("Mara: I grow dahlias on the balcony   12:54", "read", "screen")
    assert draft.text == "Mara grows dahlias on the balcony."


def test_trust_and_hedges_set_the_confidence() -> None:
    [typed] = said("I'm learning the piano.")
    [sent] = said("I'm learning the piano.", "sent", "message")
    [hedged] = said("I'm probably going to Faro next week.")
    assert typed.confidence == pytest.approx(STATED["typed"])
    assert sent.confidence == pytest.approx(STATED["sent"])
    assert hedged.confidence == pytest.approx(STATED["typed"] * 0.7)


def test_a_trait_lasts_longer_than_an_absence() -> None:
    [trait] = said("I am allergic to nuts.")
    [absence] = said("I am away until Thursday.")
    assert trait.durability > 0.8
    assert absence.durability < 0.3


def test_untrusted_text_never_speaks_for_the_user() -> None:
    assert said("I'm learning the piano.", "untrusted") == []


CHAT = """Team
Piotr  16:20
I'm moving to Gdynia next week

Mara (you)  16:22
I'm learning the piano.
It is fun.

Sanna  16:25
I am vegetarian"""


def test_only_the_users_turns_of_a_chat_count() -> None:
    assert [draft.text for draft in said(CHAT, "read", "screen")] == ["Mara is learning the piano."]


BROWSER = """New message | Lark
Piotr | Skiff
skiff.example/?room=Piotr
Piotr Lasota Tue 08:50
I hate gloves.
Mara Tue 08:56
I write the tests first.
Piotr Lasota Wed 08:30
I always call on Mondays."""


def test_a_weekday_before_the_time_is_no_part_of_a_name() -> None:
    turns = BROWSER.split("\n", 3)[3]
    assert [draft.text for draft in said(turns, "read", "screen")] == [
        "Mara writes the tests first."
    ]


def test_a_browsers_tabs_say_nothing_about_who_wrote_the_page() -> None:
    assert [draft.text for draft in said(BROWSER, "read", "screen")] == [
        "Mara writes the tests first."
    ]
    article = "New message | Lark\nhttps://news.example/gloves\nI hate gloves, says a reader."
    assert said(article, "read", "screen") == []
    written = "News\nlark.example/write\nNew message\nI hate gloves."
    assert [draft.text for draft in said(written, "read", "screen")] == ["Mara hates gloves."]


def test_what_is_read_has_no_own_words_unless_marked() -> None:
    assert said("I am vegetarian and I live in Porto.", "read", "screen") == []


def test_a_quoted_mail_is_not_the_users() -> None:
    mail = "I live in Porto.\n\nOn Monday Piotr wrote:\n> I live in Gdynia.\nI am vegetarian."
    assert [draft.text for draft in said(mail, "sent", "message")] == ["Mara lives in Porto."]


RECEIVED = """From: Estelle Marchetti
To: Mara
Thank you for your application.
You wrote that you have cooked for schools, which your message shows.
I've been warden since 1998."""

MAIL_PROGRAM = """Inbox (28)   Starred   Sent   Drafts   Archive
[New message]  [Search]  [Settings]

From: Piotr
I grow dahlias on the balcony.
I am away until Thursday."""

FORUM = """Posted by Mara (you) · Today 19:22
I reach the islands most evenings on 40 metres.
helle_k · 19:40 — Nice. I use a loop in the attic.
Granddad_Ohm · 20:03 — I have been a sailor since 1960.
copperfan19 | 20:10
I own nine antennas."""

REPLIES = """Mara (you)
I grow dahlias on the balcony.

3 replies
I hate dahlias.

Replies (2)
I own a garden center."""

DICTATED = """To the Water Board
Dear Sir or Madam,
I am a widow of 84 and I live alone.
Yours, Edith Pettifer"""

OWN_LETTER = """Dear Oona,
I have two hives behind the garage.
Best wishes,
Mara Lind"""


@pytest.mark.parametrize(
    ("text", "trust", "expected"),
    [
        (RECEIVED, "read", []),
        (MAIL_PROGRAM, "read", []),
        (FORUM, "sent", ["Mara reaches the islands most evenings on 40 metres."]),
        (REPLIES, "sent", ["Mara grows dahlias on the balcony."]),
        (OWN_LETTER, "typed", ["Mara has two hives behind the garage."]),
    ],
    ids=["told what one wrote", "folders", "handles", "replies", "signed by oneself"],
)
def test_what_another_writes_near_the_user_is_not_theirs(
    text: str, trust: Trust, expected: list[str]
) -> None:
    assert [draft.text for draft in said(text, trust, "screen")] == expected


def test_a_letter_that_another_signs_says_nothing_about_the_user() -> None:
    later = f"{DICTATED}\nI grow dahlias on the balcony."
    assert [draft.text for draft in said(later, "typed", "screen")] == [
        "Mara grows dahlias on the balcony."
    ]


def test_a_heading_tells_whose_section_it_is() -> None:
    notes = "# About me\nI live in Porto\n\n## The farmer\nI keep sixty cows.\n## Food\nI am vegan."
    assert [draft.text for draft in said(notes, "typed", "text")] == [
        "Mara lives in Porto.",
        "Mara is vegan.",
    ]


def test_own_sentences_are_exact_spans() -> None:
    text = "Draft\n  I live in\n  Porto. I swim!  "
    observation = view(text, kind="screen")
    assert list(own_sentences(observation, "Mara")) == ["I live in\n  Porto.", "I swim!"]


def test_the_first_person_of_a_document_is_doubted() -> None:
    text = "I keep sixty cows on the low meadow."
    document = view(text, kind="text", title="~/heron/personas.md - Ink", application="Ink")
    [draft] = propose_statements(Seen((document,), (), "Mara", MONDAY, UTC))
    assert draft.confidence < 0.5
    assert said(text)[0].confidence > 0.8


pieces = st.sampled_from(
    [
        "I'm learning the piano", ". ", "\n", "\n\n", "Mara (you)  16:22\n", "Piotr 9:10 ",
        "> ", "I live in Porto", " and ", "my sister Ana", "please keep it short", "wrote:", '"',
        "| ", "Draft", "every Monday ", "I", "'m ", "\u2013", "  ",
    ]
)  # fmt: skip


@given(st.lists(pieces, max_size=12).map("".join), st.sampled_from(["typed", "sent", "read"]))
def test_every_quote_stands_in_its_text(text: str, trust: Trust) -> None:
    for kind in ("statement", "screen"):
        for draft in said(text, trust, kind):
            assert draft.text.startswith("Mara")
            assert 0 < draft.confidence < 1
