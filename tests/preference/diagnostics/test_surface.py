"""What can be told of a text without reading it, counted by hand."""

import math

import pytest

from idiolect.preference.diagnostics.surface import FEATURES, surface_features


def test_features_by_hand() -> None:
    text = "# Soup\n- 2 leeks, salt\n- **Water**!\nTaste it? \U0001f372"
    found = dict(zip(FEATURES, surface_features([text])[0].tolist(), strict=True))
    characters = len(text)
    assert found["characters"] == pytest.approx(math.log1p(characters))
    assert found["words"] == pytest.approx(math.log1p(11))
    assert found["newlines"] == pytest.approx(math.log1p(3))
    assert found["list items"] == pytest.approx(math.log1p(2))
    assert found["headings"] == pytest.approx(math.log1p(1))
    assert found["emphasis"] == pytest.approx(math.log1p(1))
    assert found["emoji"] == pytest.approx(math.log1p(1))
    assert found["question marks"] == found["exclamation marks"] == pytest.approx(math.log1p(1))
    assert found["mean sentence length"] == pytest.approx(math.log1p(11 / 2))
    assert found["commas"] == pytest.approx(1 / characters)
    assert found["dashes"] == pytest.approx(2 / characters)
    assert found["digits"] == pytest.approx(1 / characters)
    assert found["capitals"] == pytest.approx(3 / 25)
    assert found["starts with a capital"] == 1.0
    assert found["ends with a mark"] == 0.0


@pytest.mark.parametrize("text", ["", " \n", "\U0001f600", "汤很好喝。", "x" * 10_000])
def test_features_are_finite_on_any_text(text: str) -> None:
    assert surface_features([text]).isfinite().all()


def test_no_texts_have_no_rows() -> None:
    assert surface_features([]).shape == (0, len(FEATURES))
