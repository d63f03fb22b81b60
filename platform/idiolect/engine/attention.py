"""Attention over a packed row: each node sees the nodes before it and, causally, itself.

The function is registered with transformers and called like its own; without a packing it is
torch's scaled-dot-product attention as transformers calls it. A model that was switched to it
therefore goes on to generate as before, also in other threads.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from idiolect.engine.packing import Packing

NAME = "idiolect_packed"


def packed_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    packing: Packing | None = None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **options: Any,
) -> tuple[Tensor, None]:
    """softmax(Q K^T s) V within each node's path (Vaswani et al. 2017, equation 1).

    Args:
        module: the model's attention layer.
        query: ``[1, heads, tokens, size]``.
        key: ``[1, key heads, tokens, size]``; each serves as many heads in a row.
        value: as ``key``.
        attention_mask: is not looked at with a packing, which says who sees whom.
        packing: the layout of the tokens; None is transformers' own function.
        scaling: s; None is one over the square root of the size.
        dropout: of the attention's weights.
        options: whatever else the model passes.

    Returns:
        ``[1, tokens, heads, size]``, and None for the weights.

    Raises:
        ValueError: the model asks for something that this does not do (capped scores, biases).
    """
    if packing is None:
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout, scaling, **options
        )
    for name in ("softcap", "position_bias", "s_aux"):
        if options.get(name) is not None:
            raise ValueError(f"attention over a packed row has no {name}")
    repeats = query.shape[1] // key.shape[1]
    if repeats > 1:
        key, value = (t.repeat_interleave(repeats, dim=1) for t in (key, value))
    # split, not slices: its gradient is one concatenation instead of a row of zeros for each.
    queries, keys, values = (torch.split(t, packing.lengths, dim=2) for t in (query, key, value))
    outputs: list[Tensor] = []
    for index, node in enumerate(packing.nodes):
        path = (*node.before, index)
        outputs.append(
            scaled_dot_product_attention(
                queries[index],
                torch.cat([keys[i] for i in path], dim=2) if node.before else keys[index],
                torch.cat([values[i] for i in path], dim=2) if node.before else values[index],
                attn_mask=packing.masks.get(index),
                is_causal=not node.before,
                dropout_p=dropout,
                scale=scaling,
            )
        )
    return torch.cat(outputs, dim=2).transpose(1, 2), None


AttentionInterface.register(NAME, packed_attention)
AttentionMaskInterface.register(NAME, sdpa_mask)


def packed_hidden_states(transformer: nn.Module, packing: Packing) -> Tensor:
    """The last hidden states of a packed row, ``[tokens, width]``.

    Args:
        transformer: the model below the vocabulary projection; switched to ``NAME``.
        packing: the row.
    """
    # A mask of four dimensions is passed on to the layers as it is; this one says nothing, and
    # keeps transformers from building one over the whole row.
    unused = torch.ones(1, 1, 1, 1, dtype=torch.bool, device=packing.input_ids.device)
    output = transformer(
        input_ids=packing.input_ids,
        position_ids=packing.position_ids,
        attention_mask=unused,
        use_cache=False,
        packing=packing,
    )
    hidden: Tensor = output[0].squeeze(0)
    return hidden
