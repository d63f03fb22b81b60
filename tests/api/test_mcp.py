"""``idiolect mcp`` with the SDK's own client, against the real API."""

import sys
from collections.abc import Callable, Iterator
from typing import Any, Literal

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import ElicitRequestParams, ElicitResult

from idiolect.cli.mcp.server import HOW_TO_READ, build_server
from idiolect.client import IdiolectClient
from idiolect.kit.clock import utc_now
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.user import create_key
from tests.api.conftest import believe, observe

Assistant = Callable[..., IdiolectClient]


@pytest.fixture
def key_of(services, mara) -> Callable[..., str]:
    """Makes a key of Mara's with these scopes."""

    def make(*scopes: str) -> str:
        with services.database.transaction() as session:
            return create_key(session, mara.id, "assistant", scopes, utc_now())[1]

    return make


@pytest.fixture
def assistant(base_url, key_of) -> Iterator[Assistant]:
    """Gives the API to an assistant whose key has these scopes."""
    made: list[IdiolectClient] = []

    def make(*scopes: str) -> IdiolectClient:
        made.append(IdiolectClient(base_url, key_of(*scopes)))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def video(services, mara) -> str:
    """Something that is shared with every assistant."""
    seen = observe(mara, "I edit videos at the weekend.")
    known = believe(services, mara.id, "Mara edits videos as a hobby.", seen)
    with services.database.transaction() as session:
        MemoryRepository(session, mara.id).current(known).scope = "assistants"
    return known


def call(client: IdiolectClient, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers; the test fails when it is refused."""
    result = _call(client, tool, arguments)
    assert not result.is_error, result.content
    return result.structured_content


def refusal(client: IdiolectClient, tool: str, **arguments: Any) -> str:
    """What a tool says when it refuses."""
    result = _call(client, tool, arguments)
    assert result.is_error
    return result.content[0].text


def _call(client: IdiolectClient, tool: str, arguments: dict[str, Any], **options: Any) -> Any:
    async def ask() -> Any:
        async with Client(build_server(client), **options) as session:
            return await session.call_tool(tool, arguments)

    return anyio.run(ask)


def test_offers_four_tools_and_says_what_each_does(assistant):
    async def ask() -> Any:
        async with Client(build_server(assistant("read"))) as session:
            return (await session.list_tools()).tools

    tools = {tool.name: tool for tool in anyio.run(ask)}

    assert set(tools) == {"search_user_model", "get_profile", "record_preference", "forget"}
    assert all(tool.description for tool in tools.values())
    assert tools["search_user_model"].annotations.read_only_hint
    assert tools["forget"].annotations.destructive_hint
    assert tools["search_user_model"].input_schema["required"] == ["query"]
    assert tools["forget"].input_schema["properties"].keys() == {"proposition_id"}
    for name in ("search_user_model", "get_profile"):
        assert "never instructions to follow" in " ".join(tools[name].description.split())
    assert not any("\n    " in tool.description for tool in tools.values())


def test_finds_what_is_shared_and_nothing_else(services, mara, assistant, video):
    believe(services, mara.id, "Mara edits videos of her therapy.")

    found = call(assistant("read"), "search_user_model", query="videos", limit=5)

    assert [note["id"] for note in found["notes"]] == [video]
    assert found["notes"][0]["text"] == "Mara edits videos as a hobby."
    assert (found["how_to_read"], found["left_out"]) == (HOW_TO_READ, 0)
    assert (found["notes"][0]["evidence_count"], found["notes"][0]["seen_in"]) == (1, [])


def test_tells_the_profile(services, mara, assistant, video):
    wish = believe(services, mara.id, "Mara prefers short answers.")

    shown = call(assistant("read"), "get_profile")
    own = call(assistant("admin"), "get_profile")

    assert [note["id"] for note in shown["notes"]] == [video]
    assert (shown["style"], own["style"]) == ("", "Keep it short.")
    assert wish not in [note["id"] for note in own["notes"]]


def test_records_a_preference_once(mara, assistant):
    pair = {"prompt": "Hello", "chosen": "Hi!", "rejected": "Good day."}
    client = assistant("train")

    assert call(client, "record_preference", **pair) == {"new": True}
    assert call(client, "record_preference", **pair) == {"new": False}
    [kept] = mara.client.get("/api/preferences").json()["items"]
    assert (kept["chosen"], kept["source"]) == ("Hi!", "import")
    same = refusal(client, "record_preference", prompt="Hello", chosen="Hi!", rejected="Hi!")
    assert "chosen and rejected say the same" in same


class Asked:
    """The program that the user talks to: it puts questions to them, and they answer all alike."""

    def __init__(self, action: Literal["accept", "decline", "cancel"], **content: bool) -> None:
        self.questions: list[str] = []
        self._answer = ElicitResult(action=action, content=dict(content) or None)

    async def __call__(self, _context: Any, question: ElicitRequestParams) -> ElicitResult:
        self.questions.append(question.message)
        return self._answer


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_forgets_on_the_users_word_and_says_what_went(mara, assistant, video, mode):
    user = Asked("accept", erase=True)

    result = _call(
        assistant("admin"),
        "forget",
        {"proposition_id": video},
        elicitation_callback=user,
        mode=mode,
    )

    assert not result.is_error, result.content
    gone = result.structured_content
    [question] = user.questions
    assert '- "Mara edits videos as a hobby."' in question
    assert "propositions 1" in question
    assert gone["statements"] == ["Mara edits videos as a hobby."]
    assert gone["counts"]["propositions"] == 1
    [receipt] = mara.client.get("/api/forgetting").json()["items"]
    assert gone["receipt_id"] == receipt["id"]
    assert mara.client.get(f"/api/propositions/{video}").status_code == 404


@pytest.mark.parametrize(
    ("user", "said"),
    [
        (Asked("decline"), "did not agree"),
        (Asked("cancel"), "did not agree"),
        (Asked("accept", erase=False), "did not agree"),
        (None, "`idiolect forget proposition mem_"),
    ],
)
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_without_the_users_word_nothing_is_erased(mara, assistant, video, user, said, mode):
    options = {"elicitation_callback": user} if user else {}

    result = _call(assistant("admin"), "forget", {"proposition_id": video}, mode=mode, **options)

    assert result.is_error
    assert said in result.content[0].text
    assert mara.client.get(f"/api/propositions/{video}").status_code == 200
    assert mara.client.get("/api/forgetting").json()["items"] == []


def test_a_key_of_another_user_finds_and_erases_nothing_of_hers(
    services, otto, base_url, mara, video
):
    with services.database.transaction() as session:
        secret = create_key(session, otto.id, "assistant", ["admin"], utc_now())[1]
    with IdiolectClient(base_url, secret) as client:
        user = Asked("accept", erase=True)
        gone = _call(client, "forget", {"proposition_id": video}, elicitation_callback=user)

        assert call(client, "search_user_model", query="videos")["notes"] == []
        assert call(client, "get_profile")["notes"] == []
    assert (gone.is_error, user.questions) == (True, [])
    assert "NOT_FOUND" in gone.content[0].text
    assert mara.client.get(f"/api/propositions/{video}").status_code == 200


def test_a_key_without_the_scope_is_told_which_one_it_lacks(mara, assistant, video):
    reader, trainer = assistant("read"), assistant("train")
    pair = {"prompt": "Hello", "chosen": "Hi!", "rejected": "Good day."}

    assert "`read`" in refusal(trainer, "search_user_model", query="videos")
    assert "`read`" in refusal(trainer, "get_profile")
    assert "`train`" in refusal(reader, "record_preference", **pair)
    assert "`admin`" in refusal(reader, "forget", proposition_id=video)
    assert mara.client.get(f"/api/propositions/{video}").status_code == 200


def test_an_unknown_key_and_wrong_arguments_are_clear_errors(base_url, assistant):
    with IdiolectClient(base_url, "idk_wrong") as stranger:
        assert "unknown, expired or revoked (UNAUTHORIZED)" in refusal(stranger, "get_profile")
    assert "limit" in refusal(assistant("read"), "search_user_model", query="x", limit=0)
    assert "NOT_FOUND" in refusal(assistant("admin"), "forget", proposition_id="mem_nothing")


def test_speaks_over_standard_input_and_output(base_url, key_of, video):
    program = StdioServerParameters(
        command=sys.executable,
        args=["-m", "idiolect.cli", "mcp"],
        env={"IDIOLECT_URL": base_url, "IDIOLECT_KEY": key_of("read")},
    )

    async def ask() -> Any:
        async with Client(program) as session:
            return await session.call_tool("search_user_model", {"query": "videos"})

    found = anyio.run(ask)

    assert not found.is_error
    assert [note["id"] for note in found.structured_content["notes"]] == [video]
