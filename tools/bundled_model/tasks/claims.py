"""Things that people say about themselves, and what is then known of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """One thing to say of oneself, in templates whose slots ``words.Slots`` fills.

    Attributes:
        said: whole sentences in the first person, any of them.
        held: predicates of the third person that all say just that, the plainest first.
        less: predicates that follow from it and say less.
        beside: predicates on the same matter that say something else.
        against: predicates that cannot hold together with it.
        change: slots of which another value cannot hold together with it.
    """

    said: tuple[str, ...]
    held: tuple[str, ...]
    less: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
