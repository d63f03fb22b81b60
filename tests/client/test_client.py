"""Problems become our errors, what is safe to repeat is repeated, jobs are followed to the end."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest

from idiolect.api.schemas import (
    adapter,
    conversation,
    health,
    job,
    me,
    memory,
    observation,
    preference,
    proposition,
    upkeep,
)
from idiolect.client import Event, IdiolectClient, each, memory_shapes, responses
from idiolect.client.batches import batches
from idiolect.client.transport import parse_events
from idiolect.errors import (
    ConflictError,
    ForbiddenError,
    IdiolectError,
    InvalidInputError,
    JobCancelledError,
    ModelError,
    NotFoundError,
    NotReadyError,
    PayloadTooLargeError,
    StructuredOutputError,
    UnauthorizedError,
)
from idiolect.observe.wire import ObservationIn
from tests.client.server import Answer, Request, serve


def problem(status: int, code: str) -> Answer:
    return Answer(status, {"status": status, "code": code, "detail": "no", "hint": "do this"})


class Script:
    """Answers one after the other, and remembers the requests."""

    def __init__(self, *answers: Answer | None) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Answer | None:
        self.requests.append(request)
        return self.answers.pop(0)


def against(script: Script, act: Callable[[IdiolectClient], Any]) -> tuple[Any, list[float]]:
    """What the client's call gives against the script, and how long it paused."""
    pauses: list[float] = []
    with serve(script) as url, IdiolectClient(url, "idk_test", 5, sleep=pauses.append) as client:
        return act(client), pauses


@pytest.mark.parametrize(
    ("status", "code", "error_class"),
    [
        (401, "UNAUTHORIZED", UnauthorizedError),
        (403, "FORBIDDEN", ForbiddenError),
        (404, "NOT_FOUND", NotFoundError),
        (409, "CONFLICT", ConflictError),
        (409, "JOB_CANCELLED", JobCancelledError),
        (413, "PAYLOAD_TOO_LARGE", PayloadTooLargeError),
        (422, "INVALID_TIME", InvalidInputError),
        (500, "INTERNAL", IdiolectError),
        (502, "MODEL_FAILED", ModelError),
        (502, "STRUCTURED_OUTPUT", StructuredOutputError),
        (503, "NOT_READY", NotReadyError),
    ],
)
def test_a_problem_is_raised_as_the_error_that_fits_it(
    status: int, code: str, error_class: type[IdiolectError]
) -> None:
    script = Script(problem(status, code))
    with pytest.raises(IdiolectError) as caught:
        against(script, lambda client: client.cancel_job("job_1"))
    assert type(caught.value) is error_class
    assert (caught.value.reason_code, caught.value.message, caught.value.hint) == (
        code,
        "no",
        "do this",
    )


def test_a_failure_that_is_no_problem_json_still_has_a_class_and_a_hint() -> None:
    with pytest.raises(ModelError, match="502") as caught:
        against(Script(Answer(502, raw=b"<html>")), lambda client: client.cancel_job("job_1"))
    assert caught.value.hint


def test_another_server_on_the_port_is_noticed() -> None:
    with pytest.raises(NotReadyError, match="not Idiolect"):
        against(Script(Answer(200, raw=b"<html>")), lambda client: client.create_conversation())


def test_reading_is_repeated_until_the_server_is_there() -> None:
    script = Script(None, problem(503, "NOT_READY"), Answer(json={"observations": 3}))
    status, pauses = against(script, lambda client: client.status())
    assert status["observations"] == 3
    assert pauses == [0.2, 0.8]


def test_it_gives_up_after_three_repetitions() -> None:
    script = Script(*[problem(503, "NOT_READY")] * 5)
    with pytest.raises(NotReadyError):
        against(script, lambda client: client.status())
    assert len(script.requests) == 4


def test_a_refusal_is_not_repeated() -> None:
    script = Script(problem(404, "NOT_FOUND"), Answer())
    with pytest.raises(NotFoundError):
        against(script, lambda client: client.job("job_1"))
    assert len(script.requests) == 1


def test_what_would_act_twice_is_not_repeated() -> None:
    script = Script(problem(503, "NOT_READY"), Answer())
    with pytest.raises(NotReadyError):
        against(script, lambda client: client.choose(["msg_1", "msg_2"], "tie"))
    assert len(script.requests) == 1


def test_nobody_there_is_an_error_with_a_hint() -> None:
    with serve(Script()) as url:
        pass
    with (
        IdiolectClient(url, "idk_test", 1, sleep=lambda pause_s: None) as client,
        pytest.raises(NotReadyError) as caught,
    ):
        client.status()
    assert caught.value.reason_code == "UNREACHABLE"


def test_the_key_is_sent_and_ids_cannot_leave_their_place_in_the_path() -> None:
    script = Script(Answer(json={}))
    against(script, lambda client: client.observation("../me?x"))
    (request,) = script.requests
    assert request.headers["Authorization"] == "Bearer idk_test"
    assert request.path == "/api/observations/..%2Fme%3Fx"


def test_readiness_is_an_answer_also_when_something_is_missing() -> None:
    body = {"status": "not_ready", "checks": [{"name": "model", "ok": False, "detail": "off"}]}
    readiness, _ = against(Script(Answer(503, body)), lambda client: client.readiness())
    assert readiness == body


def test_observations_go_out_in_wire_form_and_come_back_as_a_receipt() -> None:
    item = ObservationIn(
        idempotency_key="a",
        kind="text",
        source="test",
        text="lunch",
        occurred_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    )
    receipt = {
        "accepted": [{"index": 0, "idempotency_key": "a", "id": "obs_1", "masked": {}}],
        "duplicates": [],
        "refused": [],
    }
    script = Script(problem(503, "NOT_READY"), Answer(202, receipt))
    answer, _ = against(script, lambda client: client.observe([item]))
    assert answer.accepted[0].id == "obs_1"
    assert [request.body for request in script.requests] == [
        {
            "items": [
                {
                    "idempotency_key": "a",
                    "kind": "text",
                    "source": "test",
                    "text": "lunch",
                    "trust": "read",
                    "occurred_at": "2026-03-02T09:00:00Z",
                }
            ]
        }
    ] * 2


@pytest.mark.parametrize(
    ("items", "sizes"),
    [
        ([], []),
        ([{"text": "a"}] * 250, [100, 100, 50]),
        ([{"image_base64": "aaaa"}] * 5, [2, 2, 1]),
        ([{"text": "a" * 3_000_000}] * 5, [2, 2, 1]),
        (["no object", {"text": "a" * 9_000_000}, None], [1, 1, 1]),
    ],
)
def test_many_observations_go_out_in_requests_of_a_sensible_size(
    items: list[object], sizes: list[int]
) -> None:
    assert [len(batch) for batch in batches(items)] == sizes


def test_receipts_of_several_requests_count_through() -> None:
    def refuse_last(request: Request) -> Answer:
        last = len(request.body["items"]) - 1
        refused = {"index": last, "idempotency_key": None, "code": "X", "message": "", "hint": ""}
        return Answer(202, {"accepted": [], "duplicates": [], "refused": [refused]})

    with serve(refuse_last) as url, IdiolectClient(url, "idk_test") as client:
        receipts = list(client.observe_all([{"text": "a"}] * 150))
    assert [receipt.refused[0].index for receipt in receipts] == [99, 149]


def test_a_listing_is_followed_to_its_last_page() -> None:
    script = Script(
        Answer(json={"items": [{"id": "job_2"}], "next_cursor": "more"}),
        Answer(json={"items": [{"id": "job_1"}], "next_cursor": None}),
    )
    found, _ = against(
        script, lambda client: [row["id"] for row in each(lambda at: client.jobs(cursor=at))]
    )
    assert found == ["job_2", "job_1"]
    assert [request.path for request in script.requests] == [
        "/api/jobs?limit=50",
        "/api/jobs?limit=50&cursor=more",
    ]


def test_a_repeated_start_of_a_job_carries_the_same_key() -> None:
    script = Script(None, Answer(202, {"id": "job_1"}))
    against(script, lambda client: client.start_job("train"))
    first, second = (request.headers["Idempotency-Key"] for request in script.requests)
    assert first == second


def sse(*events: tuple[int, str, Any], cut: str = "") -> Answer:
    text = "".join(
        f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n"
        for number, name, data in events
    )
    return Answer(raw=(text + cut).encode(), headers={"Content-Type": "text/event-stream"})


def test_replies_stream_as_events() -> None:
    script = Script(sse((1, "delta", {"text": "Olá"}), (2, "done", {"message": {}})))
    events, _ = against(script, lambda client: list(client.stream_reply("cnv_1", "Hi")))
    assert [(event.name, event.data) for event in events] == [
        ("delta", {"text": "Olá"}),
        ("done", {"message": {}}),
    ]
    assert script.requests[0].body == {
        "text": "Hi",
        "parent_id": None,
        "candidates": 1,
        "personalize": True,
    }


def test_a_refused_stream_raises_its_problem() -> None:
    with pytest.raises(NotFoundError):
        against(
            Script(problem(404, "NOT_FOUND")), lambda client: list(client.stream_reply("cnv_1", ""))
        )


def test_a_job_is_followed_across_a_break_and_each_event_is_told_once() -> None:
    script = Script(
        sse((1, "state", {"state": "running"}), cut="id: 2\nevent: progress\ndata: {"),
        Answer(json={"id": "job_1", "state": "running"}),
        None,
        sse((2, "progress", {"progress": 0.5})),
        Answer(json={"id": "job_1", "state": "succeeded"}),
    )
    told: list[Event] = []
    job, pauses = against(script, lambda client: client.wait_for_job("job_1", told.append))
    assert job["state"] == "succeeded"
    assert [event.id for event in told] == ["1", "2"]
    after = [request.headers.get("Last-Event-ID") for request in script.requests]
    assert after == [None, None, "1", "1", None]
    assert pauses == [0.2, 1.0]


def test_waiting_for_a_job_gives_up_when_the_server_stays_away() -> None:
    script = Script(*[None] * 10)
    with pytest.raises(NotReadyError):
        against(script, lambda client: client.wait_for_job("job_1"))
    assert len(script.requests) == 5


def test_events_may_have_comments_and_several_lines_of_data() -> None:
    lines = [": ping", "", 'data: {"a":', "data: 1}", "", "event: half", 'data: {"b": 1}']
    assert list(parse_events(iter(lines))) == [Event("message", {"a": 1}, None)]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (responses.Me, me.MeOut),
        (responses.Status, me.StatusOut),
        (responses.Readiness, health.ReadinessOut),
        (responses.Observation, observation.ObservationOut),
        (responses.Proposition, proposition.PropositionOut),
        (responses.PropositionDetail, proposition.PropositionDetailOut),
        (responses.Found, proposition.FoundPropositionOut),
        (responses.Conversation, conversation.ConversationOut),
        (responses.ConversationDetail, conversation.ConversationDetailOut),
        (responses.Message, conversation.MessageOut),
        (responses.Choice, conversation.ChoiceOut),
        (responses.ChoiceOutcome, preference.ChoiceOutcomeOut),
        (responses.Preference, preference.PreferenceOut),
        (responses.PreferenceReceipt, preference.PreferencesReceiptOut),
        (responses.Job, job.JobOut),
        (responses.Adapter, adapter.AdapterOut),
        (responses.Upkeep, upkeep.UpkeepOut),
        (memory_shapes.Memory, memory.MemoryOut),
        (memory_shapes.MemoryDetail, memory.MemoryDetailOut),
        (memory_shapes.Branch, memory.BranchOut),
        (memory_shapes.Provenance, memory.ProvenanceOut),
        (memory_shapes.MemoryEvent, memory.MemoryEventOut),
        (memory_shapes.Deletion, memory.DeletionOut),
        (memory_shapes.Imported, memory.ImportOut),
    ],
)
def test_the_client_expects_the_fields_that_the_api_sends(ours: type, theirs: Any) -> None:
    assert set(get_type_hints(ours)) == set(theirs.model_fields)
