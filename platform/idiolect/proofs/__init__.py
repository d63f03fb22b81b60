"""Proofs: what a system from the literature must show at a small scale, and whether it does.

A member is one file in ``members``, or a folder where it has a world of its own, with a ``PROOF``:
its claim and what would refute it, its arms and why each is there, the checks, and a function that
runs one seed. It trains through the same objectives and trainer as adapters do. Nothing is tuned on
what is measured, and a proof that fails says so: if a paper's effect does not show here, the
verdict is "not-shown" or "opposite" and the member's docstring says why.

To add one: write ``members/<name>.py`` and name it in ``NAMES``; a contract test then runs it.
Design it on seeds below ``parts.FIRST_SEED``, where the command line's runs begin.
``bandits`` has worlds whose truth is known, ``asks`` questions of the handbook's with notes on
them, ``chats`` openings by the bundled language model to these and
``judges`` somebody who judges them, ``training`` fits policies of either kind, ``writing`` draws
whole replies in many conversations at once; ``report`` makes intervals and verdicts, ``plots``
draws. Nothing here is imported before it is asked for. A member on the language model is called as
its tabular sibling with ``_lm``, and takes fewer seeds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from idiolect.errors import NotFoundError

if TYPE_CHECKING:
    from idiolect.proofs.parts import Proof

NAMES = (
    "label_noise",
    "label_noise_lm",
    "re_po",
    "re_po_lm",
    "madpo",
    "madpo_lm",
    "adpo",
    "adpo_lm",
    "f_dpo",
    "f_dpo_lm",
    "ipo",
    "ipo_lm",
    "cyclic_nash",
    "gpm",
    "gpm_lm",
    "accelerated",
    "negative_gradient",
    "negative_gradient_lm",
    "c_rlft",
    "c_rlft_lm",
    "did",
    "did_lm",
    "bvpo",
    "step_apo",
    "drpo",
    "mwa",
    "mwa_lm",
    "preference_tuning",
    "janus",
    "forgetting",
)


def proof(name: str) -> Proof:
    """The proof of this name, whose underscores may be hyphens.

    Raises:
        NotFoundError: there is none.
    """
    member = name.replace("-", "_")
    if member not in NAMES:
        raise NotFoundError(
            f"there is no proof {name!r}", hint=f"Known proofs: {', '.join(NAMES)}."
        )
    found: Proof = import_module(f"idiolect.proofs.members.{member}").PROOF
    return found
