"""What the API answers, as it comes: JSON objects with types. Times are RFC 3339 in UTC."""

from typing import Any, Generic, Literal, TypedDict, TypeVar

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """A part of a listing; ``next_cursor`` is None on the last page."""

    items: list[Item]
    next_cursor: str | None


class Named(TypedDict):
    """A user by id and name."""

    id: str
    name: str


class Key(TypedDict):
    """A key without its secret."""

    id: str
    prefix: str
    scopes: list[str]


class Me(TypedDict):
    """Whose key it is and what it may do."""

    user: Named
    key: Key


class Check(TypedDict):
    """One part that must work, and what it says."""

    name: str
    ok: bool
    detail: str


class Readiness(TypedDict):
    """Whether every part works."""

    status: str
    checks: list[Check]


class ModelStatus(TypedDict):
    """Which language model speaks, and whether it can."""

    kind: str
    name: str
    ready: bool


class AdapterStatus(TypedDict):
    """The adapter that is served."""

    id: str
    version: int


class Status(TypedDict):
    """How much there is of everything."""

    observations: int
    propositions: int
    preferences: int
    preferences_needed: int
    jobs_active: int
    model: ModelStatus
    adapter: AdapterStatus | None


class Observation(TypedDict):
    """A stored observation; ``masked`` counts the secrets taken out of it, by class."""

    id: str
    kind: str
    source: str
    application: str | None
    title: str | None
    url: str | None
    text: str
    trust: str
    occurred_at: str
    recorded_at: str
    duration_s: float | None
    masked: dict[str, int]


class Proposition(TypedDict):
    """A statement about the user; ``id`` is the current row of its lineage."""

    id: str
    lineage_id: str
    version: int
    text: str
    reasoning: str | None
    confidence: float
    durability: float
    half_life_days: float
    state: str
    evidence_count: int
    supported_at: str | None
    recorded_at: str


class Evidence(TypedDict):
    """An observation behind a proposition, and the words that carry it."""

    observation_id: str
    quote: str | None
    application: str | None
    title: str | None
    kind: str
    occurred_at: str


class Revision(TypedDict):
    """An earlier or present version of a proposition."""

    id: str
    version: int
    text: str
    confidence: float
    recorded_at: str
    superseded_at: str | None


class PropositionDetail(Proposition):
    """A proposition with its evidence and history."""

    evidence: list[Evidence]
    history: list[Revision]


class Found(Proposition):
    """A proposition that a search found, and why it stands where it does."""

    similarity: float
    coverage: float
    relevance: float
    recency: float
    score: float


class Message(TypedDict):
    """One node of a conversation; ``acted`` records what shaped a reply."""

    id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    text: str
    state: Literal["streaming", "done", "stopped", "failed"]
    position: int
    acted: dict[str, Any]
    created_at: str


Verdict = Literal["picked", "tie", "both_bad"]


class Choice(TypedDict):
    """Which candidates were shown, in which order, and the verdict."""

    id: str
    candidate_ids: list[str]
    verdict: Verdict
    picked_id: str | None
    created_at: str


class Conversation(TypedDict):
    """A conversation without its messages."""

    id: str
    title: str
    created_at: str
    updated_at: str


class ConversationDetail(Conversation):
    """A conversation with its tree of messages and the choices made in it."""

    messages: list[Message]
    choices: list[Choice]


class ChoiceOutcome(TypedDict):
    """What a choice led to, and how far training is."""

    id: str
    preference_id: str | None
    preferences: int
    preferences_needed: int


class Preference(TypedDict):
    """A pair to learn from."""

    id: str
    choice_id: str | None
    context: list[dict[str, str]]
    chosen: str
    rejected: str
    is_tie: bool
    weight: float
    source: str
    split: str
    created_at: str


class RefusedPreference(TypedDict):
    """A pair that cannot be used, by its place in what was sent, and why."""

    index: int
    code: str
    message: str


class PreferenceReceipt(TypedDict):
    """How many pairs were new and how many known, and which were refused."""

    accepted: int
    duplicates: int
    refused: list[RefusedPreference]


class Job(TypedDict):
    """Long work of a worker."""

    id: str
    kind: Literal["propose", "train", "reindex"]
    queue: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    progress: float
    attempt: int
    max_attempts: int
    payload: dict[str, Any]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    cancel_requested_at: str | None


class Adapter(TypedDict):
    """A user's LoRA adapter and its card."""

    id: str
    version: int
    state: str
    created_at: str
    card: dict[str, Any]
    serving_name: str
