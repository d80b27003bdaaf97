"""What is shown of a candidate's sealed fields before they are asked for."""

from __future__ import annotations

from typing import Final, Literal

#: sealed field -> the class a reader must hold
FIELD_CLASSES: Final[dict[str, Literal["contact", "identity", "pay"]]] = {
    "mobile": "contact",
    "mail": "contact",
    "id_number": "identity",
    "salary_wish_fen": "pay",
}
_HIDDEN: Final = "******"


def mask(field: str, value: object) -> str:
    """Enough to recognise it, not enough to use it; empty for what is not known."""
    if value is None or value == "":
        return ""
    text = str(value)
    if field == "mobile" and len(text) >= 11:
        return f"{text[:3]}****{text[-4:]}"
    if field == "mail" and "@" in text:
        return f"{text[0]}***@{text.rsplit('@', 1)[1]}"
    if field == "id_number" and len(text) >= 15:
        return f"{text[:3]}{'*' * (len(text) - 5)}{text[-2:]}"
    return _HIDDEN
