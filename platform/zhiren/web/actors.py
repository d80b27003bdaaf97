"""Who asks."""

from __future__ import annotations

from zhiren.context import Actor, Context
from zhiren.web.guards import PUBLIC, guest_kind
from zhiren.web.parts import Connection, Deployment


async def find_actor(deployment: Deployment, request: Connection, ctx: Context) -> Actor | None:
    """The person behind the cookies; ``ctx`` is a transaction of now. A guest is one on routes that ask for guests, and
    nobody anywhere else.

    ``guest="candidate"`` on a route (or several kinds, or "*" for any) makes guests known there beside users: on a
    public page the guest goes first, elsewhere the user.
    """
    opt = request.scope["route_handler"].opt
    users, guests = deployment.authenticator, deployment.guests
    permission: str = opt.get("permission", "")
    kind, welcome = guest_kind(permission), opt.get("guest")
    if guests is None or (kind is None and not welcome):
        return await users.authenticate(request, ctx)
    if kind is not None:
        return await guests.authenticate(request, ctx, [kind])
    kinds = [] if welcome == "*" else [welcome] if isinstance(welcome, str) else list(welcome or ())
    if permission == PUBLIC:
        found = await guests.authenticate(request, ctx, kinds)
        return found or await users.authenticate(request, ctx)
    return await users.authenticate(request, ctx) or await guests.authenticate(request, ctx, kinds)
