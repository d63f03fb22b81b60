"""Log-probabilities under frozen policies, computed once and kept by content."""

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor


class AnchorCache:
    """Values of samples' tokens by anchor and by the samples' keys, which are hex SHA-256."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, Tensor]] = {}

    def missing(self, anchor: str, keys: Iterable[str]) -> list[str]:
        """Those keys that this anchor has no values for, each once."""
        known = self._values.get(anchor, {})
        return [key for key in dict.fromkeys(keys) if key not in known]

    def put(self, anchor: str, key: str, values: Tensor) -> None:
        """Keeps the values of one sample's tokens, ``[tokens]``."""
        self._values.setdefault(anchor, {})[key] = values.detach().float().cpu()

    def get(self, anchor: str, keys: Sequence[str]) -> list[Tensor]:
        """The values of these samples, each ``[tokens]``."""
        known = self._values[anchor]
        return [known[key] for key in keys]

    def state_dict(self) -> dict[str, Tensor]:
        """Everything as three tensors an anchor, so that it can be written in one piece."""
        state = {}
        for anchor, values in self._values.items():
            digests = [
                torch.frombuffer(bytearray.fromhex(key), dtype=torch.uint8) for key in values
            ]
            state[f"{anchor}/keys"] = torch.stack(digests)
            state[f"{anchor}/tokens"] = torch.tensor([len(one) for one in values.values()])
            state[f"{anchor}/values"] = torch.cat(list(values.values()))
        return state

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Puts back what ``state_dict`` gave."""
        anchors = {name.removesuffix("/keys") for name in state if name.endswith("/keys")}
        self._values = {}
        for anchor in anchors:
            keys = [bytes(row.tolist()).hex() for row in state[f"{anchor}/keys"]]
            lengths = state[f"{anchor}/tokens"].tolist()
            parts = torch.split(state[f"{anchor}/values"], lengths)
            self._values[anchor] = dict(zip(keys, parts, strict=True))
