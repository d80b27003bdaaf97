"""A customer with something on every page: people, faults to mend, months paid and one under way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ops.demo import roster
from ops.demo.customers import OPERATOR, Customer
from ops.demo.visitor import Visitor
from tests.browser.house import VENDOR, House
from tests.browser.spreadsheet import faulty_csv

HOME: Final = Customer("pages", roster.BEIJING, 500)
STEPS: Final = ("calculate", "review", "close", "publish")
MANAGER, EMPLOYEE = "QM0006", "QM0020"
#: nobody yet, before the door of the vendor's console
STRANGER: Final = "-"


@dataclass(frozen=True)
class Resident:
    customer: Customer
    #: addresses that no link leads to, by log-in
    also: Mapping[str, tuple[str, ...]]

    def at(self, login: str) -> Customer:
        """At whose address somebody works."""
        return VENDOR if login in (OPERATOR, STRANGER) else self.customer


def furnish(house: House) -> Resident:
    asyncio.run(house.employ())
    tenant = asyncio.run(house.move_in(HOME))
    # whoever leads comes before whom they lead
    house.import_file(HOME, "花名册.xlsx", roster.manufacturer_workbook(roster.manufacturer()[:72]))
    asyncio.run(house.employees_log_in(HOME, tenant, manager=MANAGER, employee=EMPLOYEE))
    staged = house.import_file(HOME, "有问题的名单.csv", faulty_csv(roster.manufacturer()[70:90]), commit=False)
    groups = house.pay_groups(HOME)
    house.pay(HOME, groups[0], 2026, 9, STEPS)
    closed = house.pay(HOME, groups[0], 2026, 10, STEPS)
    calculated = house.pay(HOME, groups[0], 2026, 11, STEPS[:1])
    opened = house.pay(HOME, groups[0], 2026, 12, ())
    with house.visitor(HOME, "payroll") as officer:
        person = re.search(r"/payroll/terms/([0-9a-f-]{36})", officer.page("/payroll/terms"))
    assert person is not None
    return Resident(
        HOME,
        {
            "hr": (staged,),
            "payroll": (
                f"{closed}/correct",
                calculated,
                f"{calculated}?view=changes",
                opened,
                f"{calculated}/people/{person[1]}",
            ),
        },
    )


def second_factor_begun(house: House) -> Visitor:
    """Somebody half-way through opening two-factor log-in, whose page is there only then."""
    visitor = house.visitor(HOME, MANAGER)
    visitor.page("/account")
    visitor.post("/account/second-factor")
    return visitor
