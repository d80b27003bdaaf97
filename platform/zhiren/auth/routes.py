"""JSON API: the session, the people who log in, their roles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from zhiren.auth import queries
from zhiren.auth.cookies import give_session, session_token, take_session
from zhiren.auth.errors import (
    LoginLocked,
    LoginRefused,
    NewPasswordDue,
    SecondFactorRefused,
    TooManyAttempts,
)
from zhiren.auth.runtime import runtime_of
from zhiren.auth.schemas import (
    Credentials,
    GrantOut,
    PasswordLink,
    Reauthentication,
    RoleCreate,
    RoleOut,
    RoleUpdate,
    SessionOut,
    UserCreate,
    UserCreated,
    UserOut,
    UserUpdate,
)
from zhiren.auth.service import accounts, login, roles, sessions
from zhiren.context import SCOPE_ORDER, Context
from zhiren.i18n import _
from zhiren.web.api import DEFAULT_LIMIT, Listing, check_if_match, etag

_Request = Request[Any, Any, Any]


@contextmanager
def committing_refusals(request: _Request) -> Iterator[None]:
    """Failed tries are counted and recorded although the answer is a refusal."""
    try:
        yield
    except (LoginRefused, SecondFactorRefused, LoginLocked, TooManyAttempts):
        request.state.commit = True
        raise


@get("/api/v1/session", permission="authenticated", tags=["session"])
async def read_session(ctx: Context) -> SessionOut:
    """Who asks, and what they may do at this moment."""
    actor = ctx.actor
    assert actor.user_id is not None
    return SessionOut(
        user_id=actor.user_id,
        name=actor.name,
        employee_id=actor.employee_id,
        roles=actor.roles,
        grants=tuple(
            GrantOut(name, tuple(k for k in SCOPE_ORDER if k in scope.kinds), tuple(sorted(scope.unit_ids)))
            for name, scope in sorted(actor.grants.items())
            if scope
        ),
    )


@post("/api/v1/session", permission="public", idempotency=False, status_code=204, tags=["session"])
async def sign_in(request: _Request, ctx: Context, data: JSONBody[Credentials]) -> Response[None]:
    """Logs in and sets the session cookie. A first log-in (new password due) is finished in the browser: 403."""
    auth = runtime_of(request)
    old = session_token(request, auth)
    with committing_refusals(request):
        found = await login.sign_in(ctx, auth, login=data.login, password=data.password, old_token=old)
        if found.stage == "second_factor":
            if not data.code:
                raise SecondFactorRefused(_("还需要两步验证的验证码"), fields={"code": _("请填写验证码")})
            found = await login.give_code(ctx, auth, token=found.token, code=data.code)
    if found.stage != "full":
        raise NewPasswordDue(_("第一次登录要先改密码"), hint=_("请在浏览器里登录一次"))
    answer: Response[None] = Response(None)
    give_session(answer, auth, found.token)
    return answer


@post(
    "/api/v1/session/reauthenticate", permission="authenticated", idempotency=False, status_code=204, tags=["session"]
)
async def reauthenticate(request: _Request, ctx: Context, data: JSONBody[Reauthentication]) -> Response[None]:
    """Gives the password (and code) again before a sensitive act; the cookie changes."""
    auth = runtime_of(request)
    with committing_refusals(request):
        token = await login.reauthenticate(ctx, auth, password=data.password, code=data.code)
    answer: Response[None] = Response(None)
    give_session(answer, auth, token)
    return answer


@delete("/api/v1/session", permission="authenticated", tags=["session"])
async def sign_out(request: _Request, ctx: Context) -> Response[None]:
    """Ends this session."""
    auth = runtime_of(request)
    await sessions.sign_out(ctx, session_token(request, auth))
    answer: Response[None] = Response(None, status_code=204)
    take_session(answer, auth)
    return answer


@get("/api/v1/users", permission="auth.users.manage", tags=["users"])
async def list_users(  # noqa: PLR0917 (named by the query)
    ctx: Context,
    q: FromQuery[str] = "",
    role: FromQuery[str] = "",
    status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> Listing[UserOut]:
    """Log-ins by name of log-in. ``q`` finds in log-in and name."""
    rows, following = await queries.page_of_users(ctx, q=q, role=role, status=status, cursor=cursor, limit=limit)
    return Listing(rows, following)


@post("/api/v1/users", permission="auth.users.manage", reauth=True, tags=["users"])
async def create_user(request: _Request, ctx: Context, data: JSONBody[UserCreate]) -> Response[UserCreated]:
    """Makes a log-in. ``password_link`` is for the person alone: it sets their password once, within 24 hours."""
    user, secret = await accounts.add_user(ctx, data, policy=runtime_of(request).policy)
    made = UserCreated(await queries.user_out(ctx, user), link_url(request, secret))
    return Response(made, status_code=201, headers={"location": f"/api/v1/users/{user.id}", "etag": etag(user.version)})


@get("/api/v1/users/{user_id:uuid}", permission="auth.users.manage", tags=["users"])
async def read_user(ctx: Context, user_id: FromPath[UUID]) -> Response[UserOut]:
    user = await accounts.get_user(ctx, user_id)
    return Response(await queries.user_out(ctx, user), headers={"etag": etag(user.version)})


@patch("/api/v1/users/{user_id:uuid}", permission="auth.users.manage", reauth=True, tags=["users"])
async def update_user(
    request: _Request, ctx: Context, user_id: FromPath[UUID], data: JSONBody[UserUpdate]
) -> Response[UserOut]:
    """Changes name, state, employee or roles; rights hold from the person's next request on."""
    check_if_match(request, (await accounts.get_user(ctx, user_id)).version)
    user = await accounts.update_user(ctx, user_id, data)
    return Response(await queries.user_out(ctx, user), headers={"etag": etag(user.version)})


@post("/api/v1/users/{user_id:uuid}/password-link", permission="auth.users.manage", reauth=True, tags=["users"])
async def make_password_link(request: _Request, ctx: Context, user_id: FromPath[UUID]) -> PasswordLink:
    """A new link for a forgotten password; earlier ones are void, a lock is lifted."""
    secret = await accounts.reset_link(ctx, user_id, policy=runtime_of(request).policy)
    return PasswordLink(link_url(request, secret))


@post(
    "/api/v1/users/{user_id:uuid}/reset-second-factor",
    permission="auth.users.manage",
    reauth=True,
    status_code=204,
    tags=["users"],
)
async def reset_second_factor(ctx: Context, user_id: FromPath[UUID]) -> None:
    """For a lost phone; ends the person's sessions."""
    await accounts.reset_second_factor(ctx, user_id)


@delete("/api/v1/users/{user_id:uuid}/sessions", permission="auth.users.manage", tags=["users"])
async def revoke_sessions(ctx: Context, user_id: FromPath[UUID]) -> None:
    """Logs a person out everywhere, from their next request on."""
    await accounts.get_user(ctx, user_id)
    await sessions.revoke_sessions(ctx, user_id, keep=ctx.actor.session_id, reason="administrator")


@get("/api/v1/roles", permission="auth.roles.manage", tags=["roles"])
async def list_roles(
    ctx: Context, cursor: FromQuery[str | None] = None, limit: FromQuery[int] = DEFAULT_LIMIT
) -> Listing[RoleOut]:
    rows, following = await queries.page_of_roles(ctx, cursor=cursor, limit=limit)
    return Listing(rows, following)


@post("/api/v1/roles", permission="auth.roles.manage", reauth=True, tags=["roles"])
async def create_role(request: _Request, ctx: Context, data: JSONBody[RoleCreate]) -> Response[RoleOut]:
    role = await roles.create_role(ctx, runtime_of(request).permissions, data)
    headers = {"location": f"/api/v1/roles/{role.id}", "etag": etag(role.version)}
    return Response(await queries.role_out(ctx, role), status_code=201, headers=headers)


@get("/api/v1/roles/{role_id:uuid}", permission="auth.roles.manage", tags=["roles"])
async def read_role(ctx: Context, role_id: FromPath[UUID]) -> Response[RoleOut]:
    role = await roles.get_role(ctx, role_id)
    return Response(await queries.role_out(ctx, role), headers={"etag": etag(role.version)})


@patch("/api/v1/roles/{role_id:uuid}", permission="auth.roles.manage", reauth=True, tags=["roles"])
async def update_role(
    request: _Request, ctx: Context, role_id: FromPath[UUID], data: JSONBody[RoleUpdate]
) -> Response[RoleOut]:
    """Replaces what is sent; ``grants`` are replaced as a whole."""
    check_if_match(request, (await roles.get_role(ctx, role_id)).version)
    role = await roles.update_role(ctx, runtime_of(request).permissions, role_id, data)
    return Response(await queries.role_out(ctx, role), headers={"etag": etag(role.version)})


@delete("/api/v1/roles/{role_id:uuid}", permission="auth.roles.manage", reauth=True, tags=["roles"])
async def delete_role(ctx: Context, role_id: FromPath[UUID]) -> None:
    """Only a role nobody has."""
    await roles.delete_role(ctx, role_id)


def link_url(request: _Request, secret: str) -> str:
    """Where the person sets a password. Host and scheme are those the administrator used."""
    scheme = "https" if runtime_of(request).secure else "http"
    return f"{scheme}://{request.headers.get('host', '')}/login/link/{secret}"


HANDLERS: Final = (
    read_session,
    sign_in,
    reauthenticate,
    sign_out,
    list_users,
    create_user,
    read_user,
    update_user,
    make_password_link,
    reset_second_factor,
    revoke_sessions,
    list_roles,
    create_role,
    read_role,
    update_role,
    delete_role,
)
