"""Expected refusals of payroll; codes never change once published."""

from __future__ import annotations

from zhiren.errors import Conflict, InvalidInput, NotFound


class RunNotFound(NotFound):
    code = "payroll.run_not_found"


class PayslipNotFound(NotFound):
    """There is none, or it is not the reader's to see: the two are not told apart."""

    code = "payroll.payslip_not_found"


class SettingNotFound(NotFound):
    code = "payroll.setting_not_found"


class RunExists(Conflict):
    code = "payroll.run_exists"


class RunClosed(Conflict):
    """A closed run never changes: correct it with a new one."""

    code = "payroll.run_closed"


class RunNotReady(Conflict):
    """The step asked for does not follow the one the run is at."""

    code = "payroll.run_not_ready"


class RunStale(Conflict):
    """Something the calculation stands on has changed since: calculate again."""

    code = "payroll.run_stale"


class PeopleParked(Conflict):
    code = "payroll.people_parked"


class NothingToPay(Conflict):
    code = "payroll.nothing_to_pay"


class LawMissing(Conflict):
    """No figure of the law is on file for that time, nor any before it."""

    code = "payroll.law_missing"


class FormulaInvalid(InvalidInput):
    code = "payroll.formula_invalid"


class PeriodInvalid(InvalidInput):
    code = "payroll.period_invalid"


class InUse(Conflict):
    """Payslips or terms stand on it: it can be ended, not taken away."""

    code = "payroll.in_use"
