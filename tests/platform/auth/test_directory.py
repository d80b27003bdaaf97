"""People with a log-in, by name."""

from __future__ import annotations

from tests.application import PASSWORD
from zhiren.auth.service import create_user, directory
from zhiren.context import Context
from zhiren.ids import new_id


async def test_found_by_id_name_and_employee(ctx: Context) -> None:
    employee = new_id()
    one = await create_user(ctx, login="dir-one", name="欧阳目录", password=PASSWORD, roles=(), employee_id=employee)
    two = await create_user(ctx, login="dir-two", name="司马目录", password=PASSWORD, roles=())
    two.status = "disabled"
    await ctx.session.flush()
    refs = await directory.user_refs(ctx, [one.id, two.id, new_id()])
    assert {ref.name: ref.active for ref in refs.values()} == {"欧阳目录": True, "司马目录": False}
    assert [ref.id for ref in await directory.active_users(ctx, "目录")] == [one.id]
    assert [ref.id for ref in await directory.active_users(ctx, "%")] == []
    assert {key: ref.id for key, ref in (await directory.users_of_employees(ctx, [employee])).items()} == {
        employee: one.id
    }
    assert await directory.user_refs(ctx, []) == {}
