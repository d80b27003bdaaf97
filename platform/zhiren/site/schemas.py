"""What public pages know of a customer's look."""

from __future__ import annotations

from uuid import UUID

import msgspec

#: the product's own jade
DEFAULT_ACCENT = "#0b7a65"


class Look(msgspec.Struct, frozen=True):
    """``version`` is part of the addresses of theme and pictures, so that browsers may keep them."""

    name: str
    accent: str = DEFAULT_ACCENT
    logo_id: UUID | None = None
    favicon_id: UUID | None = None
    version: int = 0

    @property
    def logo_url(self) -> str:
        return f"/site/logo?v={self.version}"

    @property
    def favicon_url(self) -> str:
        return f"/site/favicon?v={self.version}"

    @property
    def theme_url(self) -> str:
        return f"/site/theme.css?v={self.version}"


class LookChange(msgspec.Struct, frozen=True):
    """The form, read. A picture that is None stays; ``drop_*`` takes it away."""

    name: str
    accent: str
    logo: tuple[str, bytes] | None = None
    favicon: tuple[str, bytes] | None = None
    drop_logo: bool = False
    drop_favicon: bool = False
