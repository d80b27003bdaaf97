"""What modules show beside the picture: a résumé, a scorecard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from markupsafe import Markup

from zhiren.context import Context
from zhiren.meet.schemas import Member

Panel = Callable[[Context, UUID, Member], Awaitable[Markup]]

_panels: dict[str, Panel] = {}


def register_panel(about_type: str, panel: Panel) -> None:
    """Beside rooms about ``about_type`` stands what ``panel`` makes, for hosts and observers. It is asked when the page
    loads, in the page's transaction. Raises ValueError when there is one already."""
    if _panels.setdefault(about_type, panel) is not panel:
        raise ValueError(f"rooms about {about_type!r} have a panel already")


async def panel_of(ctx: Context, about: tuple[str, UUID], member: Member) -> Markup:
    """Empty for guests, and where nobody registered one."""
    panel = _panels.get(about[0])
    return Markup() if panel is None or member.role == "guest" else await panel(ctx, about[1], member)
