"""The computed prefixes of the model in this process: in memory, and in the files of memories."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from threading import Lock

import structlog

from idiolect.engine.chat import encode_head
from idiolect.engine.generation import keeps_blocks, numerics, read_blocks
from idiolect.engine.loading import LoadedModel, revision
from idiolect.engine.prefix_files import Origin, read_tokens, write_prefix
from idiolect.engine.prefix_files import read_blocks as read_file
from idiolect.engine.prefixes import BLOCK_TOKENS, Chain, PrefixCache, Scope
from idiolect.errors import ConflictError, InvalidInputError
from idiolect.kit.hashing import sha256_file
from idiolect.lm.protocols import AdapterRef, ComputedPrefix, PrefixRef

PREFIX_BYTES = 512 << 20
"""What the blocks of all users may take: of the bundled model, 12 KB a token, 42,000 tokens."""

FILES_KNOWN = 256
"""Of so many files the tokens are kept at hand, to tell which prompts begin with them."""

log = structlog.get_logger(__name__)


class LocalPrefixes:
    """Finds what is known of a prompt's beginning, and computes prefixes to be kept.

    Args:
        loaded: the model.
        source: the folder or name that it was loaded from.
        max_bytes: what computed blocks may take in memory.
    """

    def __init__(
        self, loaded: LoadedModel, source: Path | str, max_bytes: int = PREFIX_BYTES
    ) -> None:
        self._loaded = loaded
        self._source = source
        self._cache = PrefixCache(max_bytes)
        self._files: OrderedDict[str, tuple[int, ...]] = OrderedDict()
        self._lock = Lock()

    @cached_property
    def revision(self) -> str:
        """The base model by its content; reading it takes a second for each 2 GB."""
        return revision(self._source)

    def chain(
        self, prefix: PrefixRef, adapter: AdapterRef | None, prompt: Sequence[int]
    ) -> Chain | None:
        """The blocks in which a prompt's beginning is read; None where it is read in one pass.

        Of a prefix in a file these are its own, if the prompt begins with it, and what comes after
        them is read at once. Without a file they are those of the whole prompt.

        A file that cannot be used is passed over.
        """
        scope = _scope(prefix.owner, adapter)
        if prefix.file is None:
            return self._cache.chain(scope, prompt[:-1])
        try:
            tokens = self._tokens(prefix.file, prefix.sha256)
            if len(tokens) >= len(prompt) or tuple(prompt[: len(tokens)]) != tokens:
                return None
            chain = self._cache.chain(scope, tokens)
            if len(chain.known()) < chain.count:
                origin, device = self._origin(adapter), self._loaded.model.device
                blocks = read_file(prefix.file, prefix.sha256, origin, device)
                for number, block in enumerate(blocks):
                    chain.add(number, block)
        except InvalidInputError as error:
            log.warning("a computed prefix is not used", why=error.message)
            return None
        return chain

    def compute(
        self,
        head: str,
        owner: str,
        folder: Path,
        adapter: AdapterRef | None,
        step: Callable[[], AbstractContextManager[object]],
    ) -> ComputedPrefix:
        """Computes the tokens with which a system message with this head begins, into a file.

        Raises:
            InvalidInputError: it has fewer tokens than a block, or is longer than the context.
            ConflictError: the model does not keep the keys and values of all tokens.
        """
        if not keeps_blocks(self._loaded.model):
            raise ConflictError(
                "this model does not keep the keys and values of all tokens",
                hint="Choose a model whose layers all attend to everything before.",
            )
        found = encode_head(self._loaded.tokenizer, head)
        tokens = found[: len(found) // BLOCK_TOKENS * BLOCK_TOKENS]
        if not tokens or len(tokens) >= self._loaded.context_tokens:
            raise InvalidInputError(
                f"the stable beginning has {len(found)} tokens; it takes {BLOCK_TOKENS} at least,"
                f" and fewer than the {self._loaded.context_tokens} of the model's context",
                hint="Nothing is lost: short beginnings are computed faster than they are found.",
                code="PREFIX_TOO_SHORT",
            )
        origin = self._origin(adapter)
        chain = self._cache.chain(_scope(owner, adapter), tokens)
        blocks = read_blocks(self._loaded, tokens, chain, step)
        file = write_prefix(folder, origin, tokens, blocks)
        return ComputedPrefix(
            tokens=len(tokens),
            file=file.name,
            sha256=sha256_file(file),
            key=origin.key(tokens),
            base=origin.base,
            numerics=origin.numerics,
        )

    def forget(self, owner: str) -> None:
        """Drops from memory all that was computed for an owner."""
        self._cache.forget(owner)
        with self._lock:
            self._files.clear()  # they are read again when they are named again

    def _tokens(self, file: Path, sha256: str) -> tuple[int, ...]:
        with self._lock:
            known = self._files.get(sha256)
        tokens = read_tokens(file, sha256) if known is None else known
        with self._lock:
            self._files[sha256] = tokens
            self._files.move_to_end(sha256)
            while len(self._files) > FILES_KNOWN:
                self._files.popitem(last=False)
        return tokens

    def _origin(self, adapter: AdapterRef | None) -> Origin:
        weights = sha256_file(adapter.path / "adapter_model.safetensors") if adapter else ""
        return Origin(self.revision, weights, numerics(self._loaded.model))


def _scope(owner: str, adapter: AdapterRef | None) -> Scope:
    return Scope(owner, adapter.name if adapter else "")
