"""What is shown of a sealed value before it is asked for: enough to recognise it, not enough to use it."""

from __future__ import annotations

from typing import Final

#: what stands for a value that was not even looked at, and for short ones
HIDDEN: Final = "******"


def mask(field: str, value: str | None) -> str | None:  # noqa: PLR0911 - one for each field
    """None stays None. Short values are hidden whole."""
    if not value:
        return None
    if field == "id_number" and len(value) >= 15:
        return f"{value[:3]}{'*' * (len(value) - 5)}{value[-2:]}"
    if field == "mobile" and len(value) >= 11:
        return f"{value[:3]}****{value[-4:]}"
    if field == "bank_account" and len(value) >= 12:
        return f"**** **** {value[-4:]}"
    if field in ("email", "mail") and "@" in value:
        return f"{value[0]}***@{value.rsplit('@', 1)[1]}"
    if field == "home_address" and len(value) > 6:
        return f"{value[:3]}******"
    return HIDDEN
