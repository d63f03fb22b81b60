"""The job: files and chats on working days, the firm, the people there, and a project's end."""

import random
from collections.abc import Sequence
from dataclasses import replace

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.scenes import Scene, Shot, Thread
from idiolect.simulation.lives.telling import seen_on
from idiolect.simulation.lives.wordings import words

HANDOVER_SHARE = 0.25
"""Of the people, who change their project in the middle."""

_STATED_SHARE = 0.6
_LEAST_DAYS_FOR_CHANGE = 5


def work(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """What somebody does for a living, seen at work and said to others."""
    del known
    who, texts = studio.who, words("work")
    slots = who.slots(rng)
    job, firm, mate, boss, project = _facts(studio, slots)
    workdays = [day for day in range(who.days) if who.is_workday(day)]
    projects = _projects(studio, project, workdays, rng)
    scenes: list[Scene] = []
    for day in workdays:
        current = next(one for one in reversed(projects) if _has_begun(studio, one, day))
        scenes += _at_the_files(studio, day, _name(current), (current.id, job.id), rng)
        scenes += _with_colleagues(studio, day, _name(current), (mate, boss, firm, current), rng)
    facts: list[Fact] = [*projects]
    told = {"job_said": job, "firm_said": firm, "colleague_said": mate, "boss_said": boss}
    for said, fact in told.items():
        is_said = rng.random() < _STATED_SHARE
        facts.append(replace(fact, revelation="stated", days_needed=1) if is_said else fact)
        if is_said:
            scenes += seen_on(studio, fact, texts[said], who.some_days(1, rng), rng)
    if len(projects) > 1:
        scenes += _handover(studio, projects, rng)
    return Thread(facts=(*facts, *_dealt_with(studio)), scenes=tuple(scenes))


def _facts(studio: Studio, slots: dict[str, str]) -> tuple[Fact, Fact, Fact, Fact, Fact]:
    who, me = studio.who, studio.who.first
    a_job, mate = slots["a_job"], who.colleagues[0]

    def fact(name: str, statement: str, *wordings: str, durability: float) -> Fact:
        return Fact(
            id=f"{who.id}/work-{name}",
            kind="work",
            statement=statement,
            wordings=wordings,
            durability=durability,
            revelation="shown",
            days_needed=2,
        )

    job = fact(
        "job", f"{me} works as {a_job}.", f"{me} is {a_job}.", f"{me}'s job is that of {a_job}.",
        durability=0.9,
    )  # fmt: skip
    firm = fact(
        "firm", f"{me} works at {who.company}.", f"{me} is employed by {who.company}.",
        f"{me} works for {who.company}.", durability=0.85,
    )  # fmt: skip
    colleague = fact(
        "mate", f"{me} works with {mate}.", f"{mate} is {me}'s colleague.",
        f"{me} has a colleague called {mate}.", durability=0.7,
    )  # fmt: skip
    boss = fact(
        "boss", f"{me} reports to {who.boss}.", f"{who.boss} is {me}'s boss.",
        f"{me} has a boss called {who.boss}.", durability=0.7,
    )  # fmt: skip
    return job, firm, colleague, boss, _on(studio, who.project)


def _on(studio: Studio, project: str) -> Fact:
    me = studio.who.first
    return Fact(
        id=f"{studio.who.id}/work-on-{project}",
        kind="work",
        statement=f"{me} works on {project}.",
        wordings=(f"{me} works on a project called {project}.", f"{project} is {me}'s project."),
        durability=0.5,
        revelation="shown",
        days_needed=2,
    )


def _dealt_with(studio: Studio) -> list[Fact]:
    """What somebody of this job reads and writes about all day."""
    me = studio.who.first
    return [
        Fact(
            id=f"{studio.who.id}/work-with-{number}",
            kind="work",
            statement=f"{me} works on {artifact}.",
            wordings=(f"{me} reads and writes about {artifact.removeprefix('the ')}.",),
            durability=0.4,
            revelation="incidental",
        )
        for number, artifact in enumerate(studio.who.job["artifacts"])
    ]


def _projects(
    studio: Studio, first: Fact, workdays: Sequence[int], rng: random.Random
) -> list[Fact]:
    """The project, or the one before and the one after a handover."""
    who = studio.who
    if len(workdays) < _LEAST_DAYS_FOR_CHANGE or rng.random() >= HANDOVER_SHARE:
        return [first]
    other = rng.choice([name for name in who.job["projects"] if name != who.project])
    change = who.moment(rng.choice(workdays[2:-2]), 8 * 60 + 45)
    return [replace(first, valid_to=change), replace(_on(studio, other), valid_from=change)]


def _name(project: Fact) -> str:
    return project.id.rpartition("-")[2]


def _has_begun(studio: Studio, project: Fact, day: int) -> bool:
    return project.valid_from is None or project.valid_from <= studio.who.moment(day, 12 * 60)


def _at_the_files(
    studio: Studio, day: int, project: str, facts: tuple[str, ...], rng: random.Random
) -> list[Scene]:
    """Blocks of work on files, most of the day's time."""
    who, job, scenes = studio.who, studio.who.job, []
    for minute in rng.sample(range(9 * 60, 16 * 60 + 30, 30), rng.randint(3, 5)):
        program, file = rng.choice(job["programs"]), rng.choice(job["files"])
        path = rng.choice((f"~/{project}/{file}", f"{project}-{file}", f"{file} ({project})"))
        slots = who.slots(rng) | {"page": str(rng.randint(2, 40))}
        note = who.wordings.draw(words("work")["typed"]).format_map(slots)
        typed = (Shot("text", rng.choice((*job["lines"], note, note)), "typed"),)
        scenes.append(
            Scene(
                day=day,
                minute=minute,
                length_s=round(rng.uniform(15, 50) * 60, 1),
                application=program,
                title=f"{path} - {program}",
                url=None,
                trust="typed",
                shots=typed if rng.random() < 0.5 else (),
                facts=facts,
                title_shows=True,
            )
        )
    return scenes


def _with_colleagues(
    studio: Studio, day: int, project: str, facts: tuple[Fact, ...], rng: random.Random
) -> list[Scene]:
    """Chats and mails of a working day."""
    who, texts = studio.who, words("work")
    mate, boss, firm, current = facts
    scenes = []
    for _ in range(rng.randint(2, 4)):
        asked, answered = (
            who.wordings.draw(texts[name]) for name in ("colleague_says", "self_says")
        )
        slots = {**who.slots(rng), "project": project}
        slots["colleague"], slots["colleague2"] = rng.sample(who.colleagues, 2)
        shown = [current.id] if "{project}" in asked + answered else []
        if slots["colleague"] == who.colleagues[0]:
            shown.append(mate.id)
        clip = {"colleague": f"{asked} >> {answered}"}
        scenes.append(studio.scene(clip, slots, day, rng).showing(*shown))
    for channel, name in (("inbox", "mail_in"), ("mail", "mail_out")):
        text = who.wordings.draw(texts[name])
        slots = {**who.slots(rng), "project": project}
        shown = [current.id] if "{project}" in text else []
        shown += [firm.id] if "{company}" in text else []
        shown += [boss.id] if "{boss}" in text else []
        minute = who.minute("work", rng)
        scene = studio.scene({channel: text}, slots, day, rng, minute=minute)
        scenes.append(scene.showing(*shown))
    return scenes


def _handover(studio: Studio, projects: Sequence[Fact], rng: random.Random) -> list[Scene]:
    who, texts = studio.who, words("work")
    old, new = projects
    slots = {"project": _name(old), "new_project": _name(new)}
    day = next(day for day in range(who.days) if new.valid_from == who.moment(day, 8 * 60 + 45))
    told = who.slots(rng) | slots
    clip = who.wordings.draw(texts["project_ends"])
    announced = studio.scene(clip, told, day, rng, minute=8 * 60 + 50).showing(new.id)
    later = who.some_days(1, rng, since=day + 1)
    before = who.some_days(1, rng, until=day)
    return [
        announced,
        *seen_on(studio, old, texts["project_before"], before, rng, slots),
        *seen_on(studio, new, texts["project_after"], later, rng, slots),
    ]
