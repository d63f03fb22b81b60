"""Start a Llama with heads that copy, so that training need not find them by chance.

A model that writes from notes must find the place in its context where it is and go on from there.
Two heads in a row do this (Olsson et al. 2022, In-context Learning and Induction Heads): one looks
at the previous token and writes down what it was, the next looks for the place whose previous token
is the present one, and adds what stands there to the prediction. A model of this size takes tens of
millions of tokens to find them. Here they stand in the weights before the first step: which numbers
to write follows from the form of rotary attention. What is copied when is still learnt, and
training is free to change them.
"""

import math

import torch
from transformers import LlamaForCausalLM

PAIRS = 2
"""Heads of each of the two layers."""

EMBEDDING_STD = 0.04
"""Of the token embeddings. At the usual 0.02 a step of 1e-3 for each weight wipes out within tens
of steps what the heads compare; at 0.08 everything else learns more slowly beside them."""

SHARPNESS = 2.0
"""The scale of the last norm: tied logits of small embeddings would be too flat to copy with."""

CONSTANT_STDS = 4.0
"""The first dimension of every embedding is the same, this many deviations, so that a query and a
key can be had that depend on the position alone. Tied logits shift by the same for every token."""

PREVIOUS_MARGIN_NATS = 6.0
MATCH_NATS = 20.0
FAST_PAIRS = 8
"""The quickest rotations tell neighbors apart."""

REACH_TOKENS = 600
"""Rotations slower than a radian over this distance compare contents and not places."""

WRITTEN, ADDED = 1.5, 4.0
"""How strongly the two heads write, in deviations of the embedding."""


def seed_copying(model: LlamaForCausalLM, seed: int) -> None:
    """Write copying heads into the first two layers and silence every other branch at first.

    Args:
        model: with as many key-value heads as query heads and tied embeddings.
        seed: of the directions in which the heads write and compare.
    """
    config = model.config
    width, head = config.hidden_size, config.hidden_size // config.num_attention_heads
    half = head // 2
    frequencies = config.rope_parameters["rope_theta"] ** (-torch.arange(half) / half)
    slow = [place for place in range(half) if frequencies[place] * REACH_TOKENS < 1]
    compared = [*slow, *(place + half for place in slow)]
    size = len(compared)
    constant, unit = _prepare_stream(model)
    basis = _orthonormal(width, seed)
    first, second = (layer.self_attn for layer in model.model.layers[:2])
    # Writing in deviations of the embedding: what is read is normalized, what is added is not.
    step = EMBEDDING_STD / unit
    with torch.no_grad():
        for pair in range(PAIRS):
            rows = slice(pair * head, (pair + 1) * head)
            told, noted = basis[2 * pair * size :][: 2 * size].split(size)
            query, key = _previous_token(frequencies, constant, head, width)
            first.q_proj.weight[rows], first.k_proj.weight[rows] = query, key
            first.v_proj.weight[rows] = _padded(told, head)
            first.o_proj.weight[:, rows] = _padded(noted, head).T * step * WRITTEN

            scale = math.sqrt(MATCH_NATS * math.sqrt(head) / (size * WRITTEN)) / unit
            second.q_proj.weight[rows], second.k_proj.weight[rows] = 0.0, 0.0
            second.q_proj.weight[rows][compared] = told * scale
            second.k_proj.weight[rows][compared] = noted * scale
            copied = basis[len(basis) - (pair + 1) * head :][:head]
            second.v_proj.weight[rows] = copied
            second.o_proj.weight[:, rows] = copied.T * step * ADDED


def _prepare_stream(model: LlamaForCausalLM) -> tuple[float, float]:
    """Set the embeddings, silence the branches; what a normalized embedding is made of.

    Returns:
        The value of its first dimension, and the deviation of the others.
    """
    width = model.config.hidden_size
    embedding = model.model.embed_tokens.weight
    with torch.no_grad():
        embedding.mul_(EMBEDDING_STD / embedding.std())
        embedding[:, 0] = CONSTANT_STDS * EMBEDDING_STD
        model.model.norm.weight.fill_(SHARPNESS)
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
    root_mean_square = math.sqrt(1 + CONSTANT_STDS**2 / width)
    return CONSTANT_STDS / root_mean_square, 1 / root_mean_square


def _previous_token(
    frequencies: torch.Tensor, constant: float, head: int, width: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Query and key weights of shape (head, width) whose product peaks one token back.

    Rotary attention turns both by position times frequency. With the key's phases at zero and the
    query's at minus one frequency each, the product at distance d is the sum of
    cos((d - 1) * frequency), which is largest at d = 1.
    """
    query, key = torch.zeros(head, width), torch.zeros(head, width)
    fast = frequencies[:FAST_PAIRS]
    margin = float((1 - fast.cos()).sum())
    size = math.sqrt(PREVIOUS_MARGIN_NATS * math.sqrt(head) / margin) / constant
    key[:FAST_PAIRS, 0] = size
    query[:FAST_PAIRS, 0] = size * fast.cos()
    query[head // 2 :][:FAST_PAIRS, 0] = -size * fast.sin()
    return query, key


def _orthonormal(width: int, seed: int) -> torch.Tensor:
    """Directions that do not touch the constant dimension; shape (width - 1, width)."""
    random = torch.randn(width - 1, width - 1, generator=torch.Generator().manual_seed(seed))
    rotation, _ = torch.linalg.qr(random)
    return torch.cat([torch.zeros(width - 1, 1), rotation], dim=1)


def _padded(rows: torch.Tensor, count: int) -> torch.Tensor:
    return torch.cat([rows, rows.new_zeros(count - len(rows), rows.shape[1])])
