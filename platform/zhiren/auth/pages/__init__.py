"""Pages: the way in, one's own account, other people's accounts, roles."""

from __future__ import annotations

from typing import Final

from zhiren.auth.pages import account, confirm, login, roles, tokens, users

HANDLERS: Final = (
    *login.HANDLERS,
    *confirm.HANDLERS,
    *account.HANDLERS,
    *tokens.HANDLERS,
    *users.HANDLERS,
    *roles.HANDLERS,
)
