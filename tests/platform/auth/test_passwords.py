"""Which passwords are taken, how they are kept, and that checking them has an end."""

from __future__ import annotations

import asyncio

import pytest

from zhiren.auth.errors import LoginBusy, WeakPassword
from zhiren.auth.passwords import PasswordWorkers, check_password, hash_password, outdated

GOOD = "correct horse battery"


@pytest.fixture
def workers():
    made = PasswordWorkers(queue_cap=2)
    yield made
    made.close()


@pytest.mark.parametrize(
    "password", [GOOD, "我爱北京天安门我爱北京天安门啊", "x9 #kQ2 vv0 !pL4 aa", "ö" + GOOD, "a" + "密码学" * 30]
)
def test_long_ones_are_taken_whatever_they_are_made_of(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("hunter2 hunter", "至少"),
        ("x" * 129, "最多"),
        ("123456789012345", "常见"),
        ("passwordpassword", "常见"),
        ("qwertyuiop12345", "常见"),
        ("aaaaaaaaaaaaaaaa", "常见"),
        ("zhangwei is my name", "登录名"),
        ("Ｚｈａｎｇｗｅｉ ist mein Name", "登录名"),
    ],
)
def test_short_common_and_personal_ones_are_refused(password: str, why: str) -> None:
    with pytest.raises(WeakPassword, match=why) as refusal:
        check_password(password, known=["zhangwei", "张伟"])
    assert "new_password" in refusal.value.fields


def test_eight_characters_are_enough_where_a_second_factor_is_asked() -> None:
    check_password("a8Fk2!xz", second_factor=True)
    with pytest.raises(WeakPassword):
        check_password("a8Fk2!xz")
    with pytest.raises(WeakPassword):
        check_password("a8Fk2!x", second_factor=True)


async def test_a_password_is_kept_as_argon2id_with_its_costs(workers: PasswordWorkers) -> None:
    stored = await workers.hash(GOOD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert stored != await workers.hash(GOOD)
    assert await workers.verify(stored, GOOD)
    assert not await workers.verify(stored, GOOD + " ")
    assert not outdated(stored)
    assert outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + "A" * 43)


async def test_the_same_password_composed_differently_fits(workers: PasswordWorkers) -> None:
    stored = await hash_password("caf\u00e9 caf\u00e9 caf\u00e9 caf\u00e9")
    assert await workers.verify(stored, "cafe\u0301 cafe\u0301 cafe\u0301 cafe\u0301")


@pytest.mark.parametrize("stored", [None, "!", "", "$argon2id$broken"])
async def test_nothing_fits_an_account_without_a_password(workers: PasswordWorkers, stored: str | None) -> None:
    assert not await workers.verify(stored, "checked for unknown")
    assert not await workers.verify(stored, "")


async def test_a_queue_that_is_full_refuses_at_once(workers: PasswordWorkers) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with workers.slot():
            entered.set()
            await leave.wait()

    async def pass_through() -> None:
        async with workers.slot():
            pass

    tasks = [asyncio.create_task(hold())]
    await entered.wait()
    tasks += [asyncio.create_task(pass_through()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(LoginBusy):
        async with workers.slot():
            pass
    leave.set()
    await asyncio.gather(*tasks)
    async with workers.slot():
        pass


async def test_one_who_stops_waiting_leaves_the_queue(workers: PasswordWorkers) -> None:
    async with workers.slot():
        waiting = [asyncio.create_task(_enter(workers)) for _ in range(2)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        again = asyncio.create_task(_enter(workers))
        await asyncio.sleep(0)
        assert not again.done()
    await again


async def _enter(workers: PasswordWorkers) -> None:
    async with workers.slot():
        pass
