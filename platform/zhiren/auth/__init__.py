"""People who log in: accounts, sessions, second factor, roles, permissions and the fields they unmask."""

from __future__ import annotations

from zhiren.auth.authenticator import Authenticator
from zhiren.auth.models import MODELS
from zhiren.auth.permissions import BUILTIN_ROLES, PLATFORM, registry

__all__ = ["BUILTIN_ROLES", "MODELS", "PLATFORM", "Authenticator", "registry"]
