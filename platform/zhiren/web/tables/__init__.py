"""Tables on pages: declared once, then searched, filtered, sorted, paged and exported on the server.

    EMPLOYEES = TableSpec(
        name="records.employees",
        title=N_("员工"),
        columns=(
            Column("name", N_("姓名"), Employee.name, main=True, href=lambda row: f"/employees/{row.id}", search=True),
            Column("hired_on", N_("入职日期"), Employee.hired_on, kind="date"),
            Column("status", N_("状态"), Employee.status, badges={"active": ("success", N_("在职"))}),
        ),
        filters=(Filter("status", N_("状态"), Employee.status, choices=(("active", N_("在职")),)),),
        order_by=(Employee.number,),
    )

    table = await load(EMPLOYEES, request, ctx, select(Employee).where(...))
    return await table.answer("records/employees.html")

The template shows it with ``{{ data_table(table, view) }}`` of ``kit/table.html``.
"""

from zhiren.web.tables.load import from_rows, load
from zhiren.web.tables.spec import Column, Filter, TableSpec
from zhiren.web.tables.table import Table

__all__ = ["Column", "Filter", "Table", "TableSpec", "from_rows", "load"]
