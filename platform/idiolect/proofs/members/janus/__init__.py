"""Janus: a model tuned on several system messages an instruction follows new ones better.

A system message asks for a value in each of five dimensions (what stands beside the advice, its
voice, its certainty, its layout, its frame), each in one of nine wordings, and has notes on the
topic, so that the model need not know anything. The reply is composed from the notes and has these
values. All weights of the bundled model are tuned on such replies by their likelihood alone; an
adapter of rank 16 was slower to notice the messages. Arms differ in what they see, and all take as
many steps:

- three: each instruction under three messages, of three combinations;
- one: the same instructions, one message each, so each example three times as often;
- one_of_more: one message each, of three times the instructions, so as many examples as three;
- shuffled: three, where each reply stands under a message drawn from all. There is no population
  arm beside it, because this one learns what all replies have in common, and nothing else.

Measured are the likeliest replies to topics that no arm was tuned on, under combinations and
wordings that none was tuned on: the share of the five values that a program reads from the reply as
they were asked ("right"), and the share of replies with all five ("all"). The control is the share
that would be right had another test's message been asked ("others"), and "own_lead" is right less
others. "known" is the share right on such topics with combinations and wordings that were tuned on.
"new_value" is how often a reply has a value that was never tuned on where it is asked, and
"new_value_others" where another one is. A program sees manner and no sense, so "grounded" is the
share of a reply's words that stand in its notes.
"""

from idiolect.proofs.members.janus.proof import PROOF

__all__ = ["PROOF"]
