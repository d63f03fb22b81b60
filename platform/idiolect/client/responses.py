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
    """A statement about the user; ``id`` is the current row of its lineage.

    ``confidence`` is what the user's ratings make of ``raw_confidence``.
    """

    id: str
    lineage_id: str
    version: int
    text: str
    reasoning: str | None
    confidence: float
    raw_confidence: float
    rating: Literal["true", "partly", "false"] | None
    private: bool
    contested: bool
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
    raw_confidence: float
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


class Support(TypedDict):
    """An observation behind a fact, how far its source is trusted, and the words that carry it."""

    observation_id: str
    occurred_at: str
    application: str | None
    trust: str
    quote: str | None


class Fact(TypedDict):
    """One thing that is believed of the user; ``trust`` is that of the best source behind it."""

    id: str
    text: str
    confidence: float
    relevance: float | None
    supported_at: str | None
    trust: Literal["typed", "sent", "read", "untrusted"] | None
    evidence_count: int
    evidence: list[Support]


class Context(TypedDict):
    """How to answer the user and what bears on the matter; ``text`` is all of it for a prompt."""

    style: str
    facts: list[Fact]
    left_out: int
    text: str
    tokens: int


AuditVerdict = Literal["allow", "quote", "drop"]


class AuditFlow(TypedDict):
    """An observation as a flow of information; what is not known is ``unknown``."""

    sender: str
    subject: str
    recipient: str
    data_type: str
    principle: str


class AuditDecision(TypedDict):
    """What was decided about an observation, by which rule or model, and why."""

    observation_id: str
    verdict: AuditVerdict
    by: str
    reason: str
    is_cut: bool
    flow: AuditFlow
    at: str
    kind: str
    application: str | None
    title: str | None
    occurred_at: str


class AuditRule(TypedDict):
    """What the audit looks for, and how many observations it decided on by that."""

    name: str
    looks_for: str
    verdict: AuditVerdict
    observations: int


class Category(TypedDict):
    """A sensitive category that can be opted in to."""

    name: str
    description: str


class AuditPolicy(TypedDict):
    """What the user has decided about being observed."""

    excluded_applications: list[str]
    excluded_patterns: list[str]
    excludes_confidential: bool
    opted_in: list[str]
    asks_model: bool
    categories: list[Category]


Mark = Literal["true", "partly", "false", "private"]
"""What a user says of a proposition."""


class Bin(TypedDict):
    """Rated propositions of like confidence: how many, mean confidence and mean outcome."""

    low: float
    high: float
    beliefs: int
    confidence: float
    right: float


class Figures(TypedDict):
    """How good confidences are; None and no bins while there are too few ratings."""

    brier: float | None
    calibration_error: float | None
    error_by_chance: float | None
    bins: list[Bin]


class Reliability(TypedDict):
    """How good the confidence in some rated propositions is, before and after the map."""

    ratings: int
    mean_rating: float | None
    raw: Figures
    calibrated: Figures


class Calibration(TypedDict):
    """How good confidence is, overall and by author; ``ratings_needed`` for a figure."""

    overall: Reliability
    authors: dict[str, Reliability]
    ratings_needed: int


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
    kind: Literal["propose", "suggest", "train", "reindex", "upkeep"]
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
    """A user's LoRA adapter and its card; ``stale`` says what it knew that was deleted."""

    id: str
    version: int
    state: str
    created_at: str
    card: dict[str, Any]
    serving_name: str
    stale: str | None


class Upkeep(TypedDict):
    """What the last upkeep did, and how sound it found the propositions; pairs of lineages."""

    job_id: str
    finished_at: str
    expired: int
    archived: int
    recovered: int
    active: int
    stale: int
    duplicates: int
    contradictions: int
    junk: int
    duplicate_rate: float
    contradiction_rate: float
    junk_rate: float
    duplicate_pairs: list[list[str]]
    contradiction_pairs: list[list[str]]
