"""Every route of our API as a method."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, cast
from urllib.parse import quote

from idiolect.client.batches import batches
from idiolect.client.charter import CharterClient
from idiolect.client.forgetting import ForgettingClient
from idiolect.client.memories import MemoriesClient
from idiolect.client.notifications import NotificationsClient
from idiolect.client.responses import (
    Adapter,
    AuditDecision,
    AuditPolicy,
    AuditRule,
    AuditVerdict,
    Calibration,
    ChoiceOutcome,
    Context,
    Conversation,
    ConversationDetail,
    Found,
    Job,
    Mark,
    Me,
    Observation,
    Page,
    Preference,
    PreferenceReceipt,
    Proposition,
    PropositionDetail,
    Readiness,
    Status,
    Upkeep,
    Verdict,
)
from idiolect.client.suggestions import SuggestionsClient
from idiolect.client.transport import Event, Transport
from idiolect.errors import NotReadyError
from idiolect.observe.wire import Accepted, Duplicate, ObservationIn, ObservationReceipt, Refused

Item = TypeVar("Item")

FINAL_STATES = frozenset({"succeeded", "failed", "cancelled"})
_RECONNECT_S = (0.2, 1.0, 3.0, 10.0)


def _path(*parts: str) -> str:
    return "/api/" + "/".join(quote(part, safe="") for part in parts)


def each(listing: Callable[[str | None], Page[Item]]) -> Iterator[Item]:
    """Every item of a listing, page by page: ``each(lambda at: client.jobs(cursor=at))``."""
    cursor = None
    while True:
        page = listing(cursor)
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


class IdiolectClient:
    """The API under one key.

    What can safely be sent twice is tried again with growing pauses when the server is not
    there for a moment. Use it as a context manager, or close it.

    Args:
        base_url: such as http://127.0.0.1:8765.
        key: ``idk_...``.
        timeout_s: how long the server may be silent within one request.
        sleep: waits between two attempts.

    Raises:
        IdiolectError: from every method, the class that fits the server's problem, with its code
            and hint; NotReadyError (UNREACHABLE) when nobody answers.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        timeout_s: float = 60.0,
        *,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._transport = Transport(base_url, key, timeout_s, sleep)
        self.charter = CharterClient(self._transport)
        self._sleep = sleep
        self.memories = MemoriesClient(self._transport)
        self.forgetting = ForgettingClient(self._transport)
        self.suggestions = SuggestionsClient(self._transport)
        self.notifications = NotificationsClient(self._transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives back the connections."""
        self._transport.close()

    # The server and whom the key stands for

    def health(self) -> dict[str, str]:
        """That the server answers."""
        return cast("dict[str, str]", self._transport.get("/healthz"))

    def readiness(self) -> Readiness:
        """Whether every part works, part by part; no error when one does not."""
        return cast("Readiness", self._transport.send("GET", "/readyz", also_fine=frozenset({503})))

    def me(self) -> Me:
        """Whose key this is and what it may do."""
        return cast("Me", self._transport.get("/api/me"))

    def status(self) -> Status:
        """How much there is of everything."""
        return cast("Status", self._transport.get("/api/status"))

    # Observations

    def observe(self, items: Sequence[object]) -> ObservationReceipt:
        """Sends observations (at most 500 at once) and tells what became of each.

        Items are ``ObservationIn`` or its JSON form; what is neither is refused by the server.
        Their idempotency keys make it safe to send them again.
        """
        plain = [
            item.model_dump(mode="json", exclude_none=True)
            if isinstance(item, ObservationIn)
            else item
            for item in items
        ]
        answer = self._transport.send(
            "POST", "/api/observations", {"items": plain}, repeatable=True
        )
        return ObservationReceipt.model_validate(answer)

    def observe_all(self, items: Iterable[object]) -> Iterator[ObservationReceipt]:
        """Sends any number of observations in several requests; one receipt for each.

        The ``index`` in a receipt counts from the first item of all.
        """
        sent = 0
        for batch in batches(items):
            receipt = self.observe(batch)
            outcomes: list[Accepted | Duplicate | Refused] = [
                *receipt.accepted,
                *receipt.duplicates,
                *receipt.refused,
            ]
            for outcome in outcomes:
                outcome.index += sent
            yield receipt
            sent += len(batch)

    def observations(self, *, limit: int = 50, cursor: str | None = None) -> Page[Observation]:
        """What was observed, the latest first."""
        answer = self._transport.get("/api/observations", limit=limit, cursor=cursor)
        return cast("Page[Observation]", answer)

    def observation(self, observation_id: str) -> Observation:
        """One observation."""
        return cast("Observation", self._transport.get(_path("observations", observation_id)))

    # Propositions

    def propositions(
        self,
        *,
        state: str | None = None,
        query: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Proposition]:
        """What is believed of the user."""
        answer = self._transport.get(
            "/api/propositions", state=state, query=query, limit=limit, cursor=cursor
        )
        return cast("Page[Proposition]", answer)

    def proposition(self, proposition_id: str) -> PropositionDetail:
        """One proposition with its evidence and history."""
        answer = self._transport.get(_path("propositions", proposition_id))
        return cast("PropositionDetail", answer)

    def correct_proposition(
        self, proposition_id: str, *, text: str | None = None, verdict: str | None = None
    ) -> Proposition:
        """Says it rightly (``text``), or that it is right or wrong (confirmed, rejected)."""
        change = {"text": text, "verdict": verdict}
        answer = self._transport.send(
            "PATCH",
            _path("propositions", proposition_id),
            {name: value for name, value in change.items() if value is not None},
        )
        return cast("Proposition", answer)

    def rate_proposition(self, proposition_id: str, mark: Mark) -> PropositionDetail:
        """Says that a proposition is true, partly so or false, or that it is private."""
        answer = self._transport.send(
            "PUT", _path("propositions", proposition_id, "rating"), {"mark": mark}
        )
        return cast("PropositionDetail", answer)

    def withdraw_rating(self, proposition_id: str) -> PropositionDetail:
        """Takes back whatever was said of a proposition by rating it."""
        answer = self._transport.send("DELETE", _path("propositions", proposition_id, "rating"))
        return cast("PropositionDetail", answer)

    def calibration(self) -> Calibration:
        """How far confidence is to be trusted, by the user's ratings."""
        return cast("Calibration", self._transport.get("/api/calibration"))

    def refresh_propositions(self) -> Job | None:
        """Has the waiting observations thought about; None when there are none."""
        answer = self._transport.send("POST", "/api/propositions/refresh")
        return cast("Job | None", answer["job"])

    def upkeep(self) -> Upkeep | None:
        """What the last upkeep did and found; None before the first."""
        return cast("Upkeep | None", self._transport.get("/api/upkeep"))

    def search(self, query: str, *, limit: int = 10) -> list[Found]:
        """The propositions that matter to a text, the best first."""
        answer = self._transport.get("/api/search", query=query, limit=limit)
        return cast("list[Found]", answer["items"])

    def context(
        self,
        query: str = "",
        *,
        budget_tokens: int = 500,
        limit: int = 10,
        evidence: bool = True,
    ) -> Context:
        """What an assistant needs to know for a query; the user's profile without one."""
        answer = self._transport.get(
            "/api/context",
            query=query,
            budget_tokens=budget_tokens,
            limit=limit,
            evidence=evidence,
        )
        return cast("Context", answer)

    # The audit of what is learned from

    def audit_decisions(
        self, *, verdict: AuditVerdict | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[AuditDecision]:
        """What was decided about the observations, the newest decisions first."""
        answer = self._transport.get("/api/audit", verdict=verdict, limit=limit, cursor=cursor)
        return cast("Page[AuditDecision]", answer)

    def audit_rules(self) -> list[AuditRule]:
        """What the audit looks for, in the order in which it does."""
        return cast("list[AuditRule]", self._transport.get("/api/audit/rules")["items"])

    def audit_policy(self) -> AuditPolicy:
        """What the user has decided about being observed."""
        return cast("AuditPolicy", self._transport.get("/api/audit/policy"))

    def set_audit_policy(self, policy: AuditPolicy) -> AuditPolicy:
        """Replaces the policy; the categories that there are stay as they are."""
        body = {name: value for name, value in policy.items() if name != "categories"}
        answer = self._transport.send("PUT", "/api/audit/policy", body, repeatable=True)
        return cast("AuditPolicy", answer)

    def reset_audit_policy(self) -> AuditPolicy:
        """Puts the defaults in the policy's place."""
        answer = self._transport.send("DELETE", "/api/audit/policy", repeatable=True)
        return cast("AuditPolicy", answer)

    # Conversations

    def conversations(self, *, limit: int = 50, cursor: str | None = None) -> Page[Conversation]:
        """All conversations, the latest first."""
        answer = self._transport.get("/api/conversations", limit=limit, cursor=cursor)
        return cast("Page[Conversation]", answer)

    def create_conversation(self, title: str = "") -> Conversation:
        """Begins a conversation."""
        body = {"title": title} if title else {}
        return cast("Conversation", self._transport.send("POST", "/api/conversations", body))

    def conversation(self, conversation_id: str) -> ConversationDetail:
        """A conversation with its messages and choices."""
        answer = self._transport.get(_path("conversations", conversation_id))
        return cast("ConversationDetail", answer)

    def delete_conversation(self, conversation_id: str) -> None:
        """Erases a conversation."""
        self._transport.send("DELETE", _path("conversations", conversation_id))

    def stream_reply(
        self,
        conversation_id: str,
        text: str,
        *,
        parent_id: str | None = None,
        candidates: int = 1,
        personalize: bool = True,
    ) -> Iterator[Event]:
        """Sends a message and yields ``start``, ``delta``, ``done`` and ``failed`` events.

        Closing the iterator stops the replies; what was written so far is kept.
        """
        return self._transport.stream(
            "POST",
            _path("conversations", conversation_id, "messages"),
            {
                "text": text,
                "parent_id": parent_id,
                "candidates": candidates,
                "personalize": personalize,
            },
        )

    def choose(
        self, candidate_ids: Sequence[str], verdict: Verdict, picked_id: str | None = None
    ) -> ChoiceOutcome:
        """Says which of the candidates, in the order displayed, was better."""
        answer = self._transport.send(
            "POST",
            "/api/choices",
            {"candidate_ids": list(candidate_ids), "verdict": verdict, "picked_id": picked_id},
        )
        return cast("ChoiceOutcome", answer)

    # Preferences, jobs and adapters

    def preferences(self, *, limit: int = 50, cursor: str | None = None) -> Page[Preference]:
        """The pairs to learn from."""
        answer = self._transport.get("/api/preferences", limit=limit, cursor=cursor)
        return cast("Page[Preference]", answer)

    def add_preferences(self, items: Sequence[Mapping[str, Any]]) -> PreferenceReceipt:
        """Brings pairs along: prompt or context, chosen, rejected. Known ones are passed over."""
        answer = self._transport.send(
            "POST", "/api/preferences", {"items": list(items)}, repeatable=True
        )
        return cast("PreferenceReceipt", answer)

    def start_job(
        self, kind: str, payload: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> Job:
        """Has a worker ``train``, ``reindex``, ``suggest`` or do the ``upkeep``.

        The same key starts one job.
        """
        answer = self._transport.send(
            "POST",
            "/api/jobs",
            {"kind": kind, "payload": dict(payload or {})},
            headers={"Idempotency-Key": key or uuid.uuid4().hex},
            repeatable=True,
        )
        return cast("Job", answer)

    def jobs(self, *, limit: int = 50, cursor: str | None = None) -> Page[Job]:
        """All jobs, the latest first."""
        return cast("Page[Job]", self._transport.get("/api/jobs", limit=limit, cursor=cursor))

    def job(self, job_id: str) -> Job:
        """One job."""
        return cast("Job", self._transport.get(_path("jobs", job_id)))

    def job_events(self, job_id: str, *, after: str | None = None) -> Iterator[Event]:
        """What a job says (state, progress, metrics, log), from its beginning or after an id."""
        headers = {"Last-Event-ID": after} if after else {}
        return self._transport.stream("GET", _path("jobs", job_id, "events"), headers=headers)

    def wait_for_job(self, job_id: str, on_event: Callable[[Event], None] | None = None) -> Job:
        """Follows a job to its end, which may be a failure, and returns it.

        A broken connection is taken up again where it broke; each event is told once.
        """
        last_id: str | None = None
        failures = 0
        while True:
            try:
                for event in self.job_events(job_id, after=last_id):
                    if on_event:
                        on_event(event)
                    last_id, failures = event.id or last_id, 0
                job = self.job(job_id)
                if job["state"] in FINAL_STATES:
                    return job
            except NotReadyError:
                if failures == len(_RECONNECT_S):
                    raise
            self._sleep(_RECONNECT_S[min(failures, len(_RECONNECT_S) - 1)])
            failures += 1

    def cancel_job(self, job_id: str) -> Job:
        """Asks a job to stop; its checkpoint is kept."""
        return cast("Job", self._transport.send("POST", _path("jobs", job_id, "cancel")))

    def retry_job(self, job_id: str) -> Job:
        """Has a failed or cancelled job tried again."""
        return cast("Job", self._transport.send("POST", _path("jobs", job_id, "retry")))

    def adapters(self, *, limit: int = 50, cursor: str | None = None) -> Page[Adapter]:
        """The user's adapters, the latest first."""
        answer = self._transport.get("/api/adapters", limit=limit, cursor=cursor)
        return cast("Page[Adapter]", answer)

    def promote_adapter(self, adapter_id: str, *, reason: str | None = None) -> Adapter:
        """Serves an adapter. One that did not pass the gate needs a reason."""
        body = {"reason": reason} if reason else {}
        path = _path("adapters", adapter_id, "promote")
        return cast("Adapter", self._transport.send("POST", path, body))

    def roll_back_adapter(self) -> Adapter | None:
        """Serves the adapter before the present one; None when that is the base model."""
        return cast("Adapter | None", self._transport.send("POST", "/api/adapters/rollback"))
