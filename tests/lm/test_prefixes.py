"""Prefixes of the model in this process and behind its server: computed, kept, used, refused."""

from pathlib import Path

import pytest

from idiolect.errors import InvalidInputError
from idiolect.lm.endpoint import EndpointModel
from idiolect.lm.local import LocalModel
from idiolect.lm.protocols import AdapterRef, ChatMessage, PrefixRef, Sampling
from idiolect.lm.structured import complete
from tests.tiny_model import save_tiny_model

HEAD = "Keep answers short. Use no lists and no emoji. Ask no questions at the end. " * 2
ASK = [ChatMessage("system", f"{HEAD}\n\nWhat you know:\n- Mara rows."), ChatMessage("user", "Hi")]
GREEDY = Sampling(max_tokens=24, temperature=0)


def write(
    model: LocalModel | EndpointModel,
    prefix: PrefixRef | None,
    adapter: AdapterRef | None = None,
) -> str:
    deltas = model.stream(ASK, GREEDY, adapter=adapter, prefix=prefix)
    return "".join(delta.text for delta in deltas)


@pytest.fixture(params=["local", "endpoint"])
def model(
    request: pytest.FixtureRequest, local_model: LocalModel, endpoint_model: EndpointModel
) -> LocalModel | EndpointModel:
    return local_model if request.param == "local" else endpoint_model


@pytest.mark.parametrize("whose", [None, 0])
def test_a_kept_prefix_changes_no_token(
    model: LocalModel | EndpointModel,
    local_model: LocalModel,
    adapters: tuple[AdapterRef, AdapterRef],
    whose: int | None,
    tmp_path: Path,
) -> None:
    adapter = None if whose is None else adapters[whose]
    expected = complete(local_model, ASK, GREEDY, adapter=adapter)[0]
    computed = model.compute_prefix(HEAD, "usr_mara", tmp_path, adapter=adapter)
    assert computed.tokens == 128  # of the head's 1 + 152, two blocks
    assert computed.base == model.revision()
    kept = PrefixRef("usr_mara", tmp_path / computed.file, computed.sha256)
    model.forget_prefixes("usr_mara")  # so that the file alone has it
    assert write(model, kept, adapter) == expected
    assert write(model, kept, adapter) == expected


def test_the_file_is_read_when_memory_lacks_it_and_only_then(
    local_model: LocalModel, tmp_path: Path
) -> None:
    computed = local_model.compute_prefix(HEAD, "usr_mara", tmp_path)
    file = tmp_path / computed.file
    kept = PrefixRef("usr_mara", file, computed.sha256)
    local_model.forget_prefixes("usr_mara")
    expected = write(local_model, kept)
    file.unlink()
    assert write(local_model, kept) == expected  # from memory
    local_model.forget_prefixes("usr_mara")
    assert write(local_model, kept) == expected  # computed again, in one pass


def test_a_talk_without_a_file_finds_the_turn_before(local_model: LocalModel) -> None:
    mine = PrefixRef("usr_mara")
    expected = complete(local_model, ASK, GREEDY)[0]
    assert [write(local_model, mine) for _ in range(2)] == [expected] * 2


def test_a_context_that_begins_otherwise_is_read_in_one_pass(
    local_model: LocalModel, tmp_path: Path
) -> None:
    computed = local_model.compute_prefix(HEAD, "usr_mara", tmp_path)
    kept = PrefixRef("usr_mara", tmp_path / computed.file, computed.sha256)
    other = [ChatMessage("system", f"Please: {HEAD}"), *ASK[1:]]
    deltas = local_model.stream(other, GREEDY, prefix=kept)
    assert "".join(delta.text for delta in deltas) == complete(local_model, other, GREEDY)[0]


def test_a_file_that_cannot_be_used_is_passed_over(
    local_model: LocalModel, adapters: tuple[AdapterRef, AdapterRef], tmp_path: Path
) -> None:
    """Of another adapter, of another model, changed: the reply is the right one all the same."""
    mara, ben = adapters
    computed = local_model.compute_prefix(HEAD, "usr_mara", tmp_path, adapter=mara)
    kept = PrefixRef("usr_mara", tmp_path / computed.file, computed.sha256)
    for adapter in (ben, None):
        expected = complete(local_model, ASK, GREEDY, adapter=adapter)[0]
        assert write(local_model, kept, adapter) == expected
    kept.file.write_bytes(kept.file.read_bytes()[:-1] + b"x")
    local_model.forget_prefixes("usr_mara")
    assert write(local_model, kept, mara) == complete(local_model, ASK, GREEDY, adapter=mara)[0]


def test_the_key_names_base_adapter_and_tokens(
    local_model: LocalModel, adapters: tuple[AdapterRef, AdapterRef], tmp_path: Path
) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    (tmp_path / "3").mkdir()
    plain = local_model.compute_prefix(HEAD, "usr_mara", tmp_path / "1")
    again = local_model.compute_prefix(HEAD, "usr_ben", tmp_path / "2")
    adapted = local_model.compute_prefix(HEAD, "usr_mara", tmp_path / "3", adapter=adapters[0])
    assert plain == again  # equal content has equal bytes, whoever's it is
    assert adapted.key != plain.key
    assert adapted.sha256 != plain.sha256


def test_a_head_of_less_than_a_block_is_refused(
    model: LocalModel | EndpointModel, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        model.compute_prefix("Keep it short.", "usr_mara", tmp_path)
    assert caught.value.reason_code == "PREFIX_TOO_SHORT"
    with pytest.raises(InvalidInputError):
        model.compute_prefix("x" * 600, "usr_mara", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_revision_is_of_the_content(local_model: LocalModel, tmp_path: Path) -> None:
    same = LocalModel(save_tiny_model(tmp_path), "cpu", threads=1)
    assert same.revision() == local_model.revision()
    config = tmp_path / "config.json"
    config.write_text(config.read_text() + " ")
    assert LocalModel(tmp_path, "cpu", threads=1).revision() != local_model.revision()
