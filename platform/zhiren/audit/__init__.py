"""Who did what, chained so that nobody can take it back unseen (docs/decisions/0004)."""

from zhiren.audit.models import AuditEvent, AuditHead, AuditLink
from zhiren.audit.record import opened_changes, record
from zhiren.audit.titles import describe

#: tables of this room
MODELS = (AuditEvent, AuditLink, AuditHead)

__all__ = ["MODELS", "AuditEvent", "AuditHead", "AuditLink", "describe", "opened_changes", "record"]
