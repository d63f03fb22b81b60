"""An embedding model behind any OpenAI-compatible server."""

from collections.abc import Sequence

import numpy as np
import openai
from openai import OpenAI

from idiolect.errors import ModelError


class EndpointEmbedder:
    """An embedding model by its name at an OpenAI-compatible URL.

    Args:
        base_url: with its version, such as ``http://127.0.0.1:11434/v1``.
        name: the model's id at the server.
        api_key: empty where none is needed.
        batch_size: texts sent together.
    """

    def __init__(
        self,
        *,
        base_url: str,
        name: str,
        api_key: str,
        timeout_s: float = 60.0,
        batch_size: int = 64,
    ) -> None:
        self._name = name
        self._base_url = base_url
        self._batch_size = batch_size
        self._client = OpenAI(
            base_url=base_url,
            api_key=api_key or "none",  # the client refuses an empty one
            timeout=timeout_s,
            max_retries=1,
        )

    @property
    def name(self) -> str:
        return self._name

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit vector per text, whatever length the server gives them.

        Raises:
            ModelError: the server could not be reached or failed.
        """
        vectors: list[list[float]] = []
        for start in range(0, len(texts), self._batch_size):
            vectors += self._embed_batch(list(texts[start : start + self._batch_size]))
        return vectors

    def close(self) -> None:
        """Lets go of the connections."""
        self._client.close()

    def _embed_batch(self, texts: list[str]) -> list[list[float]]:
        try:
            # Raw: the client would look at every number by itself, 2 ms for each vector.
            answer = self._client.embeddings.with_raw_response.create(
                model=self._name, input=texts, encoding_format="float"
            )
            items = sorted(answer.http_response.json()["data"], key=lambda item: item["index"])
            rows = np.array([item["embedding"] for item in items], dtype=np.float64)
        except (openai.OpenAIError, ValueError, LookupError, TypeError) as error:
            raise ModelError(
                f"the embedding server at {self._base_url} failed ({type(error).__name__})",
                hint="Check IDIOLECT_EMBEDDING__BASE_URL and IDIOLECT_EMBEDDING__NAME.",
            ) from error
        if len(rows) != len(texts):
            raise ModelError(f"the embedding server at {self._base_url} left texts out")
        unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        vectors: list[list[float]] = unit.tolist()
        return vectors
