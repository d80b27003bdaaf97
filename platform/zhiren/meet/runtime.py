"""What meeting rooms need for the life of a web process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar.connection import ASGIConnection
from sqlalchemy.engine import make_url

from zhiren.meet import rules
from zhiren.meet.hub import Hub

if TYPE_CHECKING:
    from zhiren.settings import Settings


@dataclass(frozen=True, slots=True)
class Meet:
    """``app.state.meet``."""

    hub: Hub
    turn_urls: Sequence[str] = ()
    turn_secret: str = field(default="", repr=False)
    #: pictures and sound go through the relay and by no other way
    relay_only: bool = False

    def ice(self, seat_id: UUID, expires_at_s: int) -> dict[str, Any]:
        """The configuration of ``RTCPeerConnection`` for one person."""
        servers = rules.ice_servers(self.turn_urls, self.turn_secret, str(seat_id), expires_at_s)
        return {"iceServers": servers, "iceTransportPolicy": "relay" if self.relay_only else "all"}


def make_meet(settings: Settings) -> Meet:
    hub = Hub(settings.redis_url, make_url(settings.database_url).database or "")
    urls = [url.strip() for url in settings.turn_urls.split(",") if url.strip()]
    return Meet(hub, urls, settings.turn_secret, settings.turn_only)


def meet_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Meet:
    found = connection.app.state.meet
    assert isinstance(found, Meet)
    return found
