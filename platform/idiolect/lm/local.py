"""A language model in this process: any Hugging Face chat model, with LoRA adapters."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import torch

from idiolect.engine.chat import encode_context, encode_response
from idiolect.engine.generation import Decoding, Piece, generate
from idiolect.engine.loading import load_model
from idiolect.engine.log_probs import response_log_probs
from idiolect.engine.lora import LoraSwitch, LoraWeights
from idiolect.engine.weight_layout import store_by_input
from idiolect.errors import InvalidInputError, ModelError
from idiolect.lm.bundled import MODEL_DIR, MODEL_NAME
from idiolect.lm.local_prefixes import LocalPrefixes
from idiolect.lm.protocols import (
    AdapterRef,
    ChatMessage,
    ComputedPrefix,
    Delta,
    PrefixRef,
    Sampling,
    Score,
)

ADAPTERS_IN_MEMORY = 64
SCORED_TOGETHER = 8
SMALL_MODEL_PARAMETERS = 50_000_000


class LocalModel:
    """A frozen transformer that many threads share, each request with its own adapter.

    Requests take turns token by token, so a short one never waits for a long one to end.

    Args:
        source: a folder, or a Hugging Face name, which is fetched if it is not there yet.
        device: ``cpu``, ``cuda``, ``cuda:N`` or ``auto``.
        threads: torch's processor threads, for the whole process; 0 means one for a small model,
            whose steps are too short to be worth sharing, and torch's own choice otherwise.

    Raises:
        NotReadyError: the model cannot be loaded.
        InvalidInputError: it is not a chat model.
    """

    def __init__(self, source: Path | str, device: str = "auto", threads: int = 0) -> None:
        self._loaded = load_model(source, device)
        store_by_input(self._loaded.model)
        if threads or self._loaded.model.num_parameters() < SMALL_MODEL_PARAMETERS:
            torch.set_num_threads(threads or 1)
        self._name = MODEL_NAME if Path(source) == MODEL_DIR else str(source)
        self._switch = LoraSwitch(self._loaded.model)
        self._prefixes = LocalPrefixes(self._loaded, source)
        self._adapters: OrderedDict[AdapterRef, LoraWeights] = OrderedDict()
        self._adapters_lock = Lock()
        self._turn = Lock()

    @property
    def name(self) -> str:
        return self._name

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        adapter: AdapterRef | None = None,
        json_schema: dict[str, object] | None = None,
        prefix: PrefixRef | None = None,
    ) -> Iterator[Delta]:
        """See ``LanguageModel.stream``; the schema has no effect here.

        Raises:
            InvalidInputError: the conversation is too long, or the adapter cannot be used.
        """
        del json_schema
        prompt = encode_context(self._loaded.tokenizer, [m.as_dict() for m in messages])
        weights = self.load_adapter(adapter) if adapter else None
        decoding = Decoding(
            replies=sampling.n,
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            seed=sampling.seed,
            stop=sampling.stop,
        )
        chain = self._prefixes.chain(prefix, adapter, prompt) if prefix else None
        pieces = generate(self._loaded, prompt, decoding, lambda: self._my_turn(weights), chain)
        return _deltas(pieces)

    def score(
        self,
        messages: Sequence[ChatMessage],
        responses: Sequence[str],
        *,
        adapter: AdapterRef | None = None,
    ) -> list[Score]:
        """See ``ScoringModel.score``.

        Raises:
            InvalidInputError: a response does not fit the model's context
                (``CONTEXT_TOO_LONG``), or the adapter cannot be used.
        """
        turns = [message.as_dict() for message in messages]
        weights = self.load_adapter(adapter) if adapter else None
        sequences = [encode_response(self._loaded.tokenizer, turns, text) for text in responses]
        longest = max(map(len, sequences), default=0)
        if longest > self._loaded.context_tokens:
            raise InvalidInputError(
                f"the conversation and a response have {longest} tokens and the model takes"
                f" {self._loaded.context_tokens}",
                hint="Send less text.",
                code="CONTEXT_TOO_LONG",
            )
        scores: list[Score] = []
        for start in range(0, len(sequences), SCORED_TOGETHER):
            batch = sequences[start : start + SCORED_TOGETHER]
            with self._my_turn(weights), torch.inference_mode(), _as_model_errors():
                sums = response_log_probs(self._loaded.model, batch).tolist()
            scores += [
                Score(log_prob, len(sequence.response))
                for log_prob, sequence in zip(sums, batch, strict=True)
            ]
        return scores

    def load_adapter(self, adapter: AdapterRef) -> LoraWeights:
        """Reads an adapter's weights, or finds them in memory.

        Raises:
            InvalidInputError: it cannot be read or does not fit the model.
        """
        with self._adapters_lock:
            weights = self._adapters.get(adapter) or self._switch.read(adapter.path)
            self._adapters[adapter] = weights
            self._adapters.move_to_end(adapter)
            if len(self._adapters) > ADAPTERS_IN_MEMORY:
                self._adapters.popitem(last=False)
            return weights

    def unload_adapter(self, adapter: AdapterRef) -> None:
        """Forgets an adapter's weights; replies that are being written keep theirs."""
        with self._adapters_lock:
            self._adapters.pop(adapter, None)

    def revision(self) -> str:
        """See ``PrefixModel.revision``."""
        return self._prefixes.revision

    def compute_prefix(
        self, head: str, owner: str, folder: Path, *, adapter: AdapterRef | None = None
    ) -> ComputedPrefix:
        """See ``PrefixModel.compute_prefix``."""
        weights = self.load_adapter(adapter) if adapter else None
        with _as_model_errors():
            return self._prefixes.compute(
                head, owner, folder, adapter, lambda: self._my_turn(weights)
            )

    def forget_prefixes(self, owner: str) -> None:
        """See ``PrefixModel.forget_prefixes``."""
        self._prefixes.forget(owner)

    @contextmanager
    def _my_turn(self, weights: LoraWeights | None) -> Iterator[None]:
        with self._turn, self._switch.on(weights):
            yield


def _deltas(pieces: Iterator[Piece]) -> Iterator[Delta]:
    with _as_model_errors():
        for piece in pieces:
            yield Delta(piece.reply, piece.text, piece.finish_reason)


@contextmanager
def _as_model_errors() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # torch's only class, out of memory included
        raise ModelError(
            f"the model's computation failed ({type(error).__name__})",
            hint="Free memory, choose a smaller model, or look at the log.",
        ) from error
