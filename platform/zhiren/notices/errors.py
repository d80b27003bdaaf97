"""Refusals about notices."""

from __future__ import annotations

from zhiren.errors import Conflict, InvalidInput, NotFound


class UnknownChannel(NotFound):
    code = "notices.unknown_channel"


class UnknownKind(NotFound):
    code = "notices.unknown_kind"


class UnknownMessage(NotFound):
    code = "notices.unknown_message"


class WrongSettings(InvalidInput):
    code = "notices.wrong_settings"


class UnknownPlaces(InvalidInput):
    """Wording with places that nothing fills."""

    code = "notices.unknown_places"


class NotSendable(Conflict):
    code = "notices.not_sendable"


class TestFailed(Conflict):
    """The carrier did not take a test message."""

    code = "notices.test_failed"
