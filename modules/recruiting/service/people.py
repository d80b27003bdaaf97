"""Candidates and colleagues as those who get notices."""

from __future__ import annotations

from uuid import UUID

from modules.recruiting.models import Candidate
from zhiren.auth.service import directory
from zhiren.context import Context
from zhiren.notices import Recipient


def recipient(candidate: Candidate) -> Recipient:
    return Recipient(
        kind="guest",
        id=candidate.id,
        name=candidate.name,
        mail=candidate.mail or "",
        mobile=candidate.mobile or "",
        locale=candidate.locale,
    )


async def colleagues(ctx: Context, ids: list[UUID]) -> list[Recipient]:
    """Users who can log in; those who left are left out."""
    found = await directory.user_refs(ctx, ids)
    return [Recipient(kind="user", id=ref.id, name=ref.name) for ref in found.values() if ref.active]
