"""What is shown of a candidate's sealed fields before they are asked for."""

from __future__ import annotations

from typing import Final, Literal

from zhiren import masks

#: sealed field -> the class a reader must hold
FIELD_CLASSES: Final[dict[str, Literal["contact", "identity", "pay"]]] = {
    "mobile": "contact",
    "mail": "contact",
    "id_number": "identity",
    "salary_wish_fen": "pay",
}


def mask(field: str, value: object) -> str:
    """As the platform masks; empty for what is not known."""
    return "" if value is None else masks.mask(field, str(value)) or ""
