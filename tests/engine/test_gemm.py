"""Products are torch's to rounding, for every layout that the layers use."""

import pytest
import torch
from torch import Tensor

from idiolect.engine.gemm import has_fast_bf16, product, rounded

torch.manual_seed(0)
LEFT, RIGHT = torch.randn(3, 5, 16), torch.randn(7, 16)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (LEFT, RIGHT),
        (LEFT[0], RIGHT),
        (LEFT[0, :1], RIGHT),
        (torch.randn(16, 5).t(), RIGHT),
        (LEFT, torch.randn(16, 7).t()),
        (LEFT[:, 1:3], RIGHT),
        (LEFT[0, :0], RIGHT),
    ],
)
def test_left_times_right_transposed(left: Tensor, right: Tensor) -> None:
    torch.testing.assert_close(product(left, right), left @ right.T)


def test_float64_keeps_its_precision() -> None:
    found = product(LEFT.double(), RIGHT.double())
    torch.testing.assert_close(found, LEFT.double() @ RIGHT.double().T, rtol=1e-14, atol=1e-14)


def test_bfloat16_has_8_bits() -> None:
    found = product(LEFT, RIGHT, bf16=True)
    assert found.dtype == torch.float32
    error = (found - LEFT @ RIGHT.T).norm() / found.norm()
    assert 1e-5 < error < 2**-7


def test_whether_the_processor_has_bfloat16_is_known() -> None:
    assert isinstance(has_fast_bf16(torch.device("cpu")), bool)


def test_few_shapes_are_asked_for() -> None:
    cpu = torch.device("cpu")
    assert [rounded(rows, cpu) for rows in (0, 1, 8, 400, 410, 417)] == [0, 8, 8, 400, 416, 432]
    lengths = {rounded(rows, cpu) for rows in range(1, 4097)}
    assert len(lengths) <= 16 * 7
    assert all(rows <= rounded(rows, cpu) <= max(8, rows * 17 / 16) for rows in range(128, 4097))
    assert rounded(401, torch.device("meta")) == 401
