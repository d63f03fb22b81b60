"""Matrix products that are as fast as this processor can make them.

Torch sends float32 products to MKL, which on AMD processors takes an older path; oneDNN, which
torch also carries, is twice as fast there and as exact (measured: 2.9 ms against 6.9 ms for
[1792, 256] by [256, 688] on one core of an EPYC with AVX-512, both 5e-5 from float64). Torch takes
it only for operators that it lowers itself, so it is called by name, where it exists.

On another EPYC the two were equal (1.3 and 1.4 ms with 416 rows), so expect anything from one to
two.

oneDNN compiles a kernel for every shape that it meets, which takes half a millisecond and half a
megabyte: as long as the product of a short batch itself. So whoever makes batches rounds their
lengths (``rounded``), and the same shapes come again.

bfloat16 is faster again (1.6 ms with the conversions): both factors lose all but 8 bits, their
products are still added up in float32.
"""

import torch
from torch import Tensor
from torch.nn.functional import linear


def product(left: Tensor, right: Tensor, *, bf16: bool = False) -> Tensor:
    """left right^T, without a gradient.

    Args:
        left: ``[..., n]``.
        right: ``[m, n]``, of the same type.
        bf16: rounds float32 factors to bfloat16.

    Returns:
        ``[..., m]``, of the type of ``left``.
    """
    if left.dtype != torch.float32:
        return linear(left, right)
    if bf16:
        return linear(left.bfloat16(), right.bfloat16()).float()
    is_large = left.numel() >= _ONEDNN_MIN_ROWS * left.shape[-1]
    if is_large and left.device.type == "cpu" and _HAS_ONEDNN:
        result: Tensor = torch.ops.mkldnn._linear_pointwise(left, right, None, "none", [], "")
        return result
    return linear(left, right)


_ONEDNN_MIN_ROWS = 8
"""For fewer, as in generation, calling it costs more than it saves."""


def rounded(rows: int, device: torch.device) -> int:
    """How many rows to make of so many, so that products of few shapes are asked for.

    Returns:
        At most a sixteenth more, or ``rows`` where kernels are not made for a shape; 400 and 410
        become 400 and 416.
    """
    if device.type != "cpu" or not _HAS_ONEDNN:
        return rows
    step = max(_ONEDNN_MIN_ROWS, 1 << max(0, rows.bit_length() - 5))
    return -(-rows // step) * step


def has_fast_bf16(device: torch.device) -> bool:
    """Whether the processor, or the GPU, multiplies bfloat16 itself."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu._is_avx512_bf16_supported())


_HAS_ONEDNN = torch._C._has_mkldnn and hasattr(torch.ops.mkldnn, "_linear_pointwise")
