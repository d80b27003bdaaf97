"""Agencies' own portal, referrals by colleagues, and times open to a whole round."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_

OBJECTS: Final[dict[str, str]] = {}
ACTIONS: Final = {
    "recruiting.agency.propose": N_("猎头推荐人选"),
    "recruiting.agency.refused": N_("猎头推荐了已有人选"),
}
FIELDS: Final[dict[str, str]] = {}
