"""What forms of recruiting's pages send: which applications were chosen, and at which version they were seen."""

from __future__ import annotations

from uuid import UUID

from modules.recruiting.errors import InvalidRecruiting
from zhiren.i18n import _
from zhiren.web.fields import Form


def chosen_of(form: Form) -> dict[UUID, int]:
    """``id:version`` of every ticked box. Raises InvalidRecruiting for what no page of ours sends."""
    found: dict[UUID, int] = {}
    for value in form.all("id"):
        name, _colon, version = value.partition(":")
        try:
            found[UUID(name)] = int(version[:9])
        except ValueError:
            raise InvalidRecruiting(_("页面已过期，请刷新后再试。")) from None
    return found


def version_of(form: Form) -> int:
    text = form["version"]
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidRecruiting(_("页面已过期，请刷新后再试。"))
    return int(text)
