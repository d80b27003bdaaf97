"""Chinese people who do not exist: names, valid ID numbers, mobiles and cards, the same for the same seed."""

from __future__ import annotations

from datetime import date
from random import Random

from zhiren.cn.ids import id_check_digit

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰文建国志红秀兰海燕"
REGIONS = ("110101", "110105", "310101", "310115", "320106", "330106", "440106", "510107", "610113", "420106")


def person_name(random: Random) -> str:
    return random.choice(SURNAMES) + "".join(random.choice(GIVEN) for _ in range(random.choice((1, 2, 2))))


def id_number(random: Random, *, birth: date | None = None, female: bool | None = None) -> str:
    """A resident ID number that passes GB 11643."""
    day = birth or date.fromordinal(random.randint(date(1965, 1, 1).toordinal(), date(2003, 12, 31).toordinal()))
    odd = not (random.random() < 0.5 if female is None else female)
    order = random.randrange(100) * 10 + random.randrange(5) * 2 + odd
    first17 = f"{random.choice(REGIONS)}{day:%Y%m%d}{order % 1000:03d}"
    return first17 + id_check_digit(first17)


def mobile(random: Random) -> str:
    return f"1{random.choice((38, 39, 50, 58, 77, 86, 99))}{random.randrange(10**8):08d}"


def bank_account(random: Random) -> str:
    """Nineteen digits with a right Luhn digit."""
    body = "62220210" + f"{random.randrange(10**10):010d}"
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)
