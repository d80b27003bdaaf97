"""Which sealed fields a person's record has, and who may see them; how they are masked is the platform's."""

from __future__ import annotations

from typing import Final, Literal

from zhiren.masks import HIDDEN, mask

#: sealed field -> field class
FIELD_CLASSES: Final[dict[str, Literal["identity", "contact"]]] = {
    "id_number": "identity",
    "bank_account": "identity",
    "mobile": "contact",
    "email": "contact",
    "home_address": "contact",
}

__all__ = ["FIELD_CLASSES", "HIDDEN", "mask"]
