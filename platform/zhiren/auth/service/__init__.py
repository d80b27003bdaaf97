"""Use cases of logging in and of managing who may."""

from zhiren.auth.service.accounts import create_user
from zhiren.auth.service.roles import seed_roles

__all__ = ["create_user", "seed_roles"]
