"""A tiny model in this process and behind a model server on a real port."""

from collections.abc import Iterator

import pytest

from idiolect.api.model_server import create_model_server
from idiolect.lm.endpoint import EndpointModel
from idiolect.lm.local import LocalModel
from idiolect.lm.protocols import AdapterRef
from tests.http_server import serving
from tests.tiny_adapter import save_tiny_adapter
from tests.tiny_model import save_tiny_model

KEY = "the model server's key"


@pytest.fixture(scope="package")
def local_model(tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    return LocalModel(save_tiny_model(tmp_path_factory.mktemp("tiny")), "cpu", threads=1)


@pytest.fixture(scope="package")
def endpoint_model(local_model: LocalModel) -> Iterator[EndpointModel]:
    """The same model, reached over HTTP."""
    with serving(create_model_server(local_model, KEY)) as url:
        model = EndpointModel(base_url=f"{url}/v1", name=local_model.name, api_key=KEY)
        yield model
        model.close()


@pytest.fixture(scope="package")
def adapters(tmp_path_factory: pytest.TempPathFactory) -> tuple[AdapterRef, AdapterRef]:
    """Two users' adapters."""
    folder = tmp_path_factory.mktemp("adapters")
    mara, ben = (save_tiny_adapter(folder / name, seed) for seed, name in enumerate(("m", "b")))
    return AdapterRef("adp_mara", mara), AdapterRef("adp_ben", ben)
