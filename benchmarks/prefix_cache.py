"""How long a reply's first token takes, with and without what was computed of its context before.

    python -m benchmarks.prefix_cache [--lengths 64 128 ...] [--rounds 7] [--stand-in] [--json]

The context is a system message that begins with a prefix of so many tokens, and 60 to 70 tokens
after it that were never seen before: a question that is new in each round. Four ways:

*whole*: the context is read in one pass, as it is where nothing is kept. *memory*: the prefix's
blocks are in memory. *file*: they are in the file of a memory, as after a restart; the file's hash
is checked and it is read. *blocks*: all of the context is read in blocks of 64 tokens and none is
known, as in a talk whose turns before were dropped.

Each round takes the four in turn, through the model in this process and through the model server
on loopback. Time is processor time of all threads of this process, for the machine may be busy; a
wall clock would add what others took. ``--talk`` gives the turns of a growing talk instead,
``--replies`` counts greedy replies of 48 tokens that are not the same token for token.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from benchmarks.prefix_texts import Writer
from idiolect.api.model_server import create_model_server
from idiolect.lm.bundled import MODEL_DIR
from idiolect.lm.endpoint import EndpointModel
from idiolect.lm.local import LocalModel
from idiolect.lm.protocols import ChatMessage, PrefixRef, Sampling
from idiolect.lm.structured import complete
from tests.http_server import serving

KEY = "key"
OWNER = "usr_bench"
FIRST = Sampling(max_tokens=1, temperature=0)
GREEDY = Sampling(max_tokens=48, temperature=0)
Model = LocalModel | EndpointModel


def main() -> None:
    """Measures and prints."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as work:
        folder = stand_in(Path(work) / "model") if asked.stand_in else MODEL_DIR
        local = LocalModel(folder, "cpu", threads=1)
        writer = Writer(AutoTokenizer.from_pretrained(folder), seed=1)
        with served(local) as endpoint:
            for row in figures(local, endpoint, writer, asked):
                print(
                    json.dumps(row)
                    if asked.json
                    else "  ".join(f"{name} {value}" for name, value in row.items()),
                    flush=True,
                )


def figures(
    local: LocalModel, endpoint: EndpointModel, writer: Writer, asked: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """The rows that were asked for, as they come."""
    if asked.talk:
        yield from talk(local, writer, asked.rounds)
    elif asked.replies:
        yield compare_replies(local, writer, asked.replies)
    else:
        for length in asked.lengths:
            for name, model in (("model", local), ("server", endpoint)):
                row = ways(model, local, writer, length, asked)
                yield {"prefix": length, "through": name, **row}


def ways(
    model: Model, local: LocalModel, writer: Writer, length: int, asked: argparse.Namespace
) -> dict[str, float | str]:
    """Milliseconds of processor time until the first token, the median of the rounds."""
    times: dict[str, list[float]] = {"whole": [], "blocks": [], "memory": [], "file": []}
    head = writer.text(length)
    with tempfile.TemporaryDirectory() as work:
        computed = local.compute_prefix(head, OWNER, Path(work))
        kept = PrefixRef(OWNER, Path(work) / computed.file, computed.sha256)
        for _ in range(asked.rounds + 1):
            for way, prefix in (
                ("whole", None),
                ("blocks", PrefixRef("usr_new")),
                ("file", kept),
                ("memory", kept),
            ):
                if way in ("blocks", "file"):
                    local.forget_prefixes("usr_new")
                    local.forget_prefixes(OWNER)
                messages = writer.context(head)
                times[way].append(milliseconds(lambda m=messages, p=prefix: first(model, m, p)))
    medians = {way: round(statistics.median(each[1:]), 1) for way, each in times.items()}
    return {**medians, "computed in": computed.numerics}


def talk(local: LocalModel, writer: Writer, rounds: int) -> list[dict[str, float]]:
    """The turns of a talk under one system message: tokens so far, and the first token's time."""
    rows: dict[int, dict[str, list[float]]] = {}
    for number in range(rounds + 1):
        turns = [ChatMessage("system", writer.text(40))]
        owner = f"usr_{number}"
        for turn in range(1, 9):
            turns.append(ChatMessage("user", writer.text(30)))
            row = rows.setdefault(turn, {"tokens": [], "whole": [], "blocks": []})
            row["tokens"].append(writer.count(turns))
            row["whole"].append(milliseconds(lambda t=tuple(turns): first(local, t, None)))
            known = PrefixRef(owner)
            row["blocks"].append(milliseconds(lambda t=tuple(turns), k=known: first(local, t, k)))
            turns.append(ChatMessage("assistant", writer.text(70)))
    return [
        {"turn": turn, **{name: round(statistics.median(v[1:]), 1) for name, v in row.items()}}
        for turn, row in rows.items()
    ]


def compare_replies(local: LocalModel, writer: Writer, count: int) -> dict[str, int]:
    """How many greedy replies differ: with known blocks from without, and in blocks from whole."""
    lengths = random.Random(2)
    differ = {
        "replies": count,
        "known from unknown blocks": 0,
        "blocks from whole": 0,
        "promoted from whole": 0,
    }
    for number in range(count):
        head = writer.text(lengths.randrange(70, 800))
        messages = writer.context(head)
        whole = complete(local, messages, GREEDY)[0]
        owner = f"usr_{number}"
        unknown, known = (write(local, messages, PrefixRef(owner)) for _ in range(2))
        local.forget_prefixes(owner)
        with tempfile.TemporaryDirectory() as work:
            computed = local.compute_prefix(head, owner, Path(work))
            kept = PrefixRef(owner, Path(work) / computed.file, computed.sha256)
            promoted = write(local, messages, kept)
        local.forget_prefixes(owner)
        differ["known from unknown blocks"] += known != unknown
        differ["blocks from whole"] += unknown != whole
        differ["promoted from whole"] += promoted != whole
    return differ


def first(model: Model, messages: Sequence[ChatMessage], prefix: PrefixRef | None) -> None:
    """Has the first token written."""
    for _ in model.stream(messages, FIRST, prefix=prefix):
        pass


def write(model: Model, messages: Sequence[ChatMessage], prefix: PrefixRef) -> str:
    """A greedy reply."""
    return "".join(delta.text for delta in model.stream(messages, GREEDY, prefix=prefix))


def milliseconds(work: Callable[[], None]) -> float:
    """Processor time of this process."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


@contextmanager
def served(local: LocalModel) -> Iterator[EndpointModel]:
    """The model behind a server on loopback."""
    with serving(create_model_server(local, KEY)) as url:
        model = EndpointModel(base_url=f"{url}/v1", name=local.name, api_key=KEY)
        yield model
        model.close()


def stand_in(folder: Path) -> Path:
    """110 million random weights under the bundled tokenizer: to time what a larger model takes."""
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(MODEL_DIR)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=768,
        intermediate_size=2048,
        num_hidden_layers=15,
        num_attention_heads=12,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--lengths", type=int, nargs="+", default=[64, 128, 256, 448, 640, 896])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--talk", action="store_true")
    parser.add_argument("--replies", type=int, default=0)
    parser.add_argument("--stand-in", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
