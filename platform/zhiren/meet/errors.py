"""Refusals of the meeting room."""

from __future__ import annotations

from zhiren.errors import Conflict, Forbidden, InvalidInput, NotFound


class RoomNotFound(NotFound):
    """No such room, or none that this person is a member of: which of both is not told."""

    code = "meet.room_not_found"


class RoomNotOpen(Conflict):
    """Too early."""

    code = "meet.room_not_open"


class RoomOver(Conflict):
    code = "meet.room_over"


class NotAdmitted(Forbidden):
    """Still in the waiting room."""

    code = "meet.not_admitted"


class HostsOnly(Forbidden):
    code = "meet.hosts_only"


class BadMessage(InvalidInput):
    """A message that no page of ours sends."""

    code = "meet.bad_message"


class NoConsent(Conflict):
    """Somebody who would be recorded has not said yes."""

    code = "meet.no_consent"


class RecordingOver(Conflict):
    code = "meet.recording_over"


class RecordingNotFound(NotFound):
    code = "meet.recording_not_found"
