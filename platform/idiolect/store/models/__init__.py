"""All tables, so that metadata is complete wherever one of them is used."""

from idiolect.store.models.audit_decision import AuditDecision
from idiolect.store.models.base import Base
from idiolect.store.models.conversation import Conversation, Message
from idiolect.store.models.forgetting import Forgetting, Tombstone
from idiolect.store.models.job import Job, JobEvent
from idiolect.store.models.memory import Memory, ProvenanceLink
from idiolect.store.models.memory_event import MemoryEvent
from idiolect.store.models.observation import Observation
from idiolect.store.models.preference import Choice, Preference
from idiolect.store.models.rating import Rating
from idiolect.store.models.suggestion import Suggestion
from idiolect.store.models.user import ApiKey, User
from idiolect.store.models.user_setting import UserSetting

__all__ = [
    "ApiKey",
    "AuditDecision",
    "Base",
    "Choice",
    "Conversation",
    "Forgetting",
    "Job",
    "JobEvent",
    "Memory",
    "MemoryEvent",
    "Message",
    "Observation",
    "Preference",
    "ProvenanceLink",
    "Rating",
    "Suggestion",
    "Tombstone",
    "User",
    "UserSetting",
]
