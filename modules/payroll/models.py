"""Who is paid by what terms, and what each month's run paid.

Amounts never stand in a column of their own: terms, a run's inputs and sums, and every payslip are one sealed document
each (docs/decisions/0006). ``valid_to`` is the last day included; an open end is NULL.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from modules.payroll.rules.document import Document, Terms
from modules.payroll.rules.plan import Plan
from modules.payroll.rules.tax import YearToDate
from modules.payroll.schemas import RunSummary
from zhiren.crypto import Sealed, json_of, sealed_column
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase, one_of

ITEM_KINDS = ("earning", "deduction", "figure")
RUN_KINDS = ("regular", "correction")
RUN_STATUSES = ("open", "calculating", "calculated", "reviewed", "closed", "published")
#: nothing of such a run changes any more
FINAL = ("closed", "published")


class PayGroup(TenantBase):
    """薪资组: people who are paid together, on the same day, by the same employer."""

    __tablename__ = "payroll_group"
    __table_args__ = (
        CheckConstraint("pay_day BETWEEN 1 AND 31", name="pay_day"),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    name: Mapped[str] = mapped_column(unique=True)
    #: people of this employer without terms show up in this group's run, parked
    legal_entity_id: Mapped[UUID | None]
    #: day of payment; the month's last day where it is shorter
    pay_day: Mapped[int] = mapped_column(SmallInteger)
    #: paid in the month after the work
    pays_next_month: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    created_at: Mapped[CreatedAt]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class PayItem(TenantBase):
    """薪资项目: one version of a pay item, from ``valid_from`` to ``valid_to``. Versions of one code never overlap."""

    __tablename__ = "payroll_item"
    __table_args__ = (
        UniqueConstraint("code", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint(one_of("kind", ITEM_KINDS), name="kind"),
        CheckConstraint("length(formula) <= 500", name="formula"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    taxable: Mapped[bool]
    insurable: Mapped[bool]
    #: empty: the amount is entered
    formula: Mapped[str] = mapped_column(server_default="", default="")
    sort: Mapped[int] = mapped_column(server_default="0", default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class PayProfile(TenantBase):
    """薪资档案: a person's terms of pay from ``valid_from`` on. The amounts are sealed as one document."""

    __tablename__ = "payroll_profile"
    __table_args__ = (
        UniqueConstraint("employee_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    employee_id: Mapped[UUID]
    group_id: Mapped[UUID] = mapped_column(ForeignKey("payroll_group.id"), index=True)
    #: city of insurance, where it is not the person's place of work
    city: Mapped[str | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(server_default="", default="")
    #: the import that made it
    import_id: Mapped[UUID | None]
    terms_ct: Mapped[bytes] = sealed_column(nullable=False)
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

    terms = Sealed[Terms]("terms_ct", field_class="pay", codec=json_of(Terms))

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class PayBasis(TenantBase):
    """计算依据: the plan (pay items and law) a calculation was made with, kept as long as its payslips."""

    __tablename__ = "payroll_basis"

    id: Mapped[PrimaryKey]
    created_at: Mapped[CreatedAt]
    plan_ct: Mapped[bytes] = sealed_column(nullable=False)

    plan = Sealed[Plan]("plan_ct", field_class="pay", codec=json_of(Plan))


class PayRun(TenantBase):
    """工资核算: one month of one group. Open → calculated → reviewed → closed → published."""

    __tablename__ = "payroll_run"
    __table_args__ = (
        Index(
            "uq_payroll_run_regular",
            "group_id",
            "year",
            "month",
            unique=True,
            postgresql_where=text("kind = 'regular'"),
        ),
        CheckConstraint(one_of("kind", RUN_KINDS), name="kind"),
        CheckConstraint(one_of("status", RUN_STATUSES), name="status"),
        CheckConstraint("month BETWEEN 1 AND 12", name="month"),
        CheckConstraint("(kind = 'correction') = (corrects_id IS NOT NULL)", name="corrects"),
        CheckConstraint(f"(closed_at IS NOT NULL) = ({one_of('status', FINAL)})", name="closed"),
    )

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    group_id: Mapped[UUID] = mapped_column(ForeignKey("payroll_group.id"))
    #: month of work
    year: Mapped[int] = mapped_column(SmallInteger)
    month: Mapped[int] = mapped_column(SmallInteger)
    pay_on: Mapped[date]
    kind: Mapped[str]
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("payroll_run.id"))
    reason: Mapped[str] = mapped_column(server_default="", default="")
    status: Mapped[str] = mapped_column(server_default="open", default="open")
    #: counts calculations; payslips carry the one they were made in
    revision: Mapped[int] = mapped_column(server_default="0", default=0)
    basis_id: Mapped[UUID | None] = mapped_column(ForeignKey("payroll_basis.id"))
    job_id: Mapped[UUID | None]
    people: Mapped[int] = mapped_column(server_default="0", default=0)
    parked: Mapped[int] = mapped_column(server_default="0", default=0)
    #: how many legal figures used are unverified or provisional
    doubts: Mapped[int] = mapped_column(server_default="0", default=0)
    summary_ct: Mapped[bytes | None] = sealed_column()
    opened_by: Mapped[str]
    opened_at: Mapped[CreatedAt]
    calculated_at: Mapped[datetime | None]
    reviewed_by: Mapped[str] = mapped_column(server_default="", default="")
    reviewed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(server_default="", default="")
    closed_at: Mapped[datetime | None]
    published_by: Mapped[str] = mapped_column(server_default="", default="")
    published_at: Mapped[datetime | None]

    summary = Sealed[RunSummary | None]("summary_ct", field_class="pay", codec=json_of(RunSummary))

    @property
    def final(self) -> bool:
        return self.status in FINAL


class PayOpening(TenantBase):
    """期初累计: one person's sums of a tax year, paid before the customer came here; used until a payslip closed."""

    __tablename__ = "payroll_opening"
    __table_args__ = (
        UniqueConstraint("employee_id", "year"),
        CheckConstraint("year BETWEEN 2019 AND 2100", name="year"),
    )

    id: Mapped[PrimaryKey]
    employee_id: Mapped[UUID]
    year: Mapped[int] = mapped_column(SmallInteger)
    sums_ct: Mapped[bytes] = sealed_column(nullable=False)
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

    sums = Sealed[YearToDate]("sums_ct", field_class="pay", codec=json_of(YearToDate))


class RunInput(TenantBase):
    """本月录入: amounts of one person for one run alone. In a correction, who has a row is who is corrected."""

    __tablename__ = "payroll_input"
    __table_args__ = (UniqueConstraint("run_id", "employee_id"),)

    id: Mapped[PrimaryKey]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    run_id: Mapped[UUID] = mapped_column(ForeignKey("payroll_run.id", ondelete="CASCADE"))
    employee_id: Mapped[UUID]
    amounts_ct: Mapped[bytes] = sealed_column(nullable=False)

    amounts = Sealed[dict[str, int]]("amounts_ct", field_class="pay", codec=json_of(dict[str, int]))

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Payslip(TenantBase):
    """工资条: one person in one run, or why they are parked. Everything about money is in the sealed document."""

    __tablename__ = "payroll_payslip"
    __table_args__ = (
        UniqueConstraint("run_id", "employee_id"),
        Index("ix_payroll_payslip_employee_id", "employee_id", "run_id"),
        Index("ix_payroll_payslip_parked", "run_id", postgresql_where=text("parked_reason IS NOT NULL")),
        CheckConstraint("(document_ct IS NULL) = (parked_reason IS NOT NULL)", name="done_or_parked"),
    )

    id: Mapped[PrimaryKey]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("payroll_run.id", ondelete="CASCADE"))
    employee_id: Mapped[UUID]
    revision: Mapped[int]
    basis_id: Mapped[UUID] = mapped_column(ForeignKey("payroll_basis.id"))
    #: 扣缴义务人: the employer that withholds; sums of the tax year are kept by each alone
    legal_entity_id: Mapped[UUID | None]
    #: as on the day of calculation
    number: Mapped[str]
    name: Mapped[str]
    unit_name: Mapped[str] = mapped_column(server_default="", default="")
    parked_reason: Mapped[str | None]
    #: names the item, city or figure; never an amount
    parked_detail: Mapped[str] = mapped_column(server_default="", default="")
    #: a legal figure used is unverified or provisional
    doubtful: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    document_ct: Mapped[bytes | None] = sealed_column()

    document = Sealed[Document | None]("document_ct", field_class="pay", codec=json_of(Document))


MODELS: tuple[type, ...] = (PayGroup, PayItem, PayProfile, PayOpening, PayBasis, PayRun, RunInput, Payslip)
