"""What follows from the windows of a stream is no more than what was seen in them."""

from collections.abc import Sequence
from datetime import timedelta

from idiolect.observe.wire import ObservationIn
from idiolect.simulation.lives import Fact, Life
from idiolect.simulation.lives.desktop import used
from idiolect.simulation.lives.timeline import Seen
from tests.simulation.lives.people import lives

LIVES = 12


def window(life: Life, application: str, title: str, day: int, url: str | None = None) -> Seen:
    """A window that was typed into at noon of a day."""
    return Seen(
        ObservationIn.model_validate(
            {
                **{"source": "test", "idempotency_key": f"{application}/{title}/{day}"},
                **{"kind": "application", "text": "9 keys, 2 clicks", "trust": "typed"},
                **{"application": application, "title": f"{title} - {application}", "url": url},
                "occurred_at": life.who.moment(day) + timedelta(hours=12),
                "duration_s": 60.0,
            }
        )
    )


def says(facts: Sequence[Fact]) -> dict[str, tuple[str, ...]]:
    """Wordings by statement, without the first name."""
    return {
        fact.statement.partition(" ")[2]: tuple(text.partition(" ")[2] for text in fact.wordings)
        for fact in facts
    }


def test_a_mail_is_no_file_that_somebody_works_on() -> None:
    (life,) = lives(1)
    program = life.who.job["programs"][0]
    seen = [
        window(life, application, title, day)
        for application, title in ((program, "~/bridge/loads.xlsx"), ("Larkmail", "Re: question"))
        for day in (0, 1)
    ]
    assert says(used(life.who, seen)) == {
        "works on the file loads.xlsx.": ("works on ~/bridge/loads.xlsx.",),
        f"uses {program}.": (),
        "uses Larkmail.": (),
    }


def test_every_file_of_a_life_is_one_of_the_job() -> None:
    for life in lives(LIVES):
        files = [f.statement for f in life.truth.facts if " works on the file " in f.statement]
        assert files
        for statement in files:
            assert any(name in statement for name in life.who.job["files"]), statement


def test_most_days_are_more_than_half_of_them() -> None:
    (life,) = lives(1)  # of seven days
    seen = [window(life, "Slate", "a", day) for day in range(3)]
    seen += [window(life, "Kite", "b", day, "https://rookery.example/") for day in range(4)]
    assert says(used(life.who, seen)) == {
        "uses Slate.": (),
        "uses Kite.": ("uses Kite on most days.",),
        "visits rookery.example.": ("visits rookery.example on most days.",),
    }
