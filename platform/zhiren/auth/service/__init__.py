"""Use cases of logging in and of managing who may."""

from zhiren.auth.service.accounts import create_user
from zhiren.auth.service.roles import seed_roles
from zhiren.auth.service.sessions import open_session

__all__ = ["create_user", "open_session", "seed_roles"]
