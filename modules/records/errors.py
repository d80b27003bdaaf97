"""Refusals of the records module. Codes are part of the API and never change."""

from __future__ import annotations

from zhiren.errors import Conflict, InvalidInput, NotFound, PreconditionFailed


class EmployeeNotFound(NotFound):
    """No such person, or none that the caller may see: the two are not told apart."""

    code = "records.employee_not_found"


class UnitNotFound(NotFound):
    code = "records.unit_not_found"


class PositionNotFound(NotFound):
    code = "records.position_not_found"


class LegalEntityNotFound(NotFound):
    code = "records.legal_entity_not_found"


class AssignmentNotFound(NotFound):
    code = "records.assignment_not_found"


class InvalidRecord(InvalidInput):
    """Values that cannot be; ``fields`` says which and why."""

    code = "records.invalid_record"


class NumberTaken(Conflict):
    code = "records.number_taken"


class IdNumberTaken(Conflict):
    """The ID number belongs to somebody who is on file already."""

    code = "records.id_number_taken"


class AssignmentOverlap(Conflict):
    code = "records.assignment_overlap"


class OrganisationLoop(Conflict):
    """A unit would hang under itself, or a person would report to themselves."""

    code = "records.organisation_loop"


class StillInUse(Conflict):
    """Something to be taken away still has people, sub-units or history hanging on it."""

    code = "records.still_in_use"


class EditedMeanwhile(PreconditionFailed):
    code = "records.edited_meanwhile"


class ImportNotFound(NotFound):
    code = "records.import_not_found"


class ImportRefused(InvalidInput):
    """The uploaded file cannot be read; the message says why and the hint what to do."""

    code = "records.import_file_refused"


class ImportState(Conflict):
    """The import is not at the step this act belongs to."""

    code = "records.import_state"


class UndoRefused(Conflict):
    """Later changes stand on what the import brought."""

    code = "records.import_undo_refused"
