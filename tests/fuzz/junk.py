"""What browsers never send and everybody else does: broken text, numbers, dates, ids, encodings and bodies."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final
from urllib.parse import quote, quote_plus

from tests.fuzz.stock import Stock

#: values as they travel in an address or a form, percent-encoded already
VALUES: Final[Sequence[str]] = (
    "",
    "%00",
    "a%00b",
    "%ED%A0%80",  # a lone surrogate, as UTF-8 would write it
    "%F0%9F%92%A9",
    "%FF%FE",
    "%C0%AF",
    "%",
    "%zz",
    "%u0000",
    quote("'; DROP TABLE auth_user; --"),
    quote("{{7*7}}<script>alert(1)</script>"),
    quote("../../../../etc/passwd"),
    quote("张三'\"<>&\\"),
    "0",
    "-1",
    "1e400",
    "NaN",
    "Infinity",
    "0x10",
    "9" * 400,
    "9223372036854775808",
    "-9223372036854775809",
    "2147483648",
    "1.5",
    quote("１２３"),
    "true",
    "null",
    "[]",
    "%7B%7D",
    "9999-12-31",
    "0001-01-01",
    "0000-00-00",
    "2026-02-30",
    "-0001-01-01",
    "10000-01-01",
    "2026-13",
    "2026-09",
    "9999-12",
    "2026-01-01T25:61:61Z",
    "not-a-uuid",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "%7B00000000-0000-0000-0000-000000000001%7D",
    "W10",  # [] as a cursor
    "WyIwMDAxLTAxLTAxIl0",
    "W251bGwsbnVsbF0",
    "WzFlNDAwXQ",
    "!!!not base64!!!",
    "A" * 9000,
    quote("\u202e\u200b\ufeff"),
    quote("\r\nset-cookie: a=b"),
)
NAMES: Final = (
    *("q", "cursor", "limit", "sort", "dir", "page", "page_size", "size", "columns", "view", "view_id", "format"),
    *("as_of", "date", "day", "from", "to", "since", "until", "month", "year", "valid_from", "pay_on", "period"),
    *("unit_id", "employee_id", "employee_ids", "group_id", "role_id", "run_id", "user_id", "manager_id", "version"),
    *("name", "number", "login", "password", "code", "formula", "amount", "reason", "next", "roles", "status", "state"),
    *("id_number", "mobile", "bank_account", "terms", "draft", "theme", "language", "table", "query", "export"),
)
_JSON: Final = (
    b"{",
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"[" * 5000,
    b'{"a":' * 3000,
    b'{"name":"\\u0000"}',
    b'{"name":"\\ud800"}',
    b'{"limit":1e999}',
    b'{"version":' + b"9" * 500 + b"}",
    b"\xff\xfe{\x00}\x00",
    b'{"name":"\xff"}',
)
_MULTIPART: Final = (
    b"",
    b"--x\r\n",
    b"--x\r\n\r\n--x--",
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\nPK\x03\x04broken\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n\x00\x00,\xff\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext where a file belongs\r\n--x--\r\n',
    b"--x\r\nContent-Disposition: form-data; name*=utf-8''%ff; filename*=bad\r\n\r\nz\r\n--x--\r\n",
    b"--x\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=klingon\r\n\r\nz\r\n--x--',
    b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n===\r\n--x--\r\n',
    b"--y\r\n" * 300,
)
_TYPES: Final = (
    b"",
    b"text/plain",
    b"application/xml",
    b"application/x-www-form-urlencoded; charset=utf-16",
    b"application/x-www-form-urlencoded; charset=klingon",
    b"multipart/form-data",
    b"multipart/form-data; boundary=",
    b'multipart/form-data; boundary="' + b"x" * 200 + b'"',
    b"application/json; charset=utf-32",
    b"a/b/c; ===",
    b"\xff\xfe",
)

Headers = list[tuple[bytes, bytes]]


def value(random: Random, stock: Stock, name: str) -> str:
    """Something for this name: what exists there, or nonsense."""
    known = stock.one(name)
    if known is not None and random.random() < 0.4:
        return quote_plus(str(known))
    return random.choice(VALUES)


def pairs(random: Random, stock: Stock, names: Sequence[str] = NAMES) -> bytes:
    """A query string or form body."""
    chosen = [random.choice(names) for _ in range(random.randrange(0, 7))]
    joined = "&".join(f"{name}={value(random, stock, name)}" for name in chosen)
    return (joined + random.choice(("", "", "", "&", "&&=", "=&a", "&a=b=c", "&%00=1"))).encode()


def body(random: Random, stock: Stock, names: Sequence[str] = NAMES) -> tuple[bytes, Headers]:
    """A body and the headers that say what it is, often wrongly."""
    kind = random.random()
    if kind < 0.6:
        return pairs(random, stock, names), [(b"content-type", b"application/x-www-form-urlencoded")]
    if kind < 0.75:
        return random.choice(_MULTIPART), [(b"content-type", b"multipart/form-data; boundary=x")]
    if kind < 0.9:
        return random.choice(_JSON), [(b"content-type", b"application/json")]
    anything = random.choice((*_JSON, *_MULTIPART, pairs(random, stock, names), random.randbytes(200)))
    return anything, [(b"content-type", random.choice(_TYPES))]


def more_headers(random: Random) -> Headers:
    """Now and then something odd that a header may say."""
    found: Headers = [(b"accept", random.choice((b"text/html", b"text/html", b"application/json", b"*/*", b"\xff")))]
    if random.random() < 0.2:
        found.append((b"hx-request", b"true"))
    if random.random() < 0.1:
        found.append(
            random.choice(
                (
                    (b"accept-language", b"x" * 3000),
                    (b"accept-language", b"en;q=abc,\xff"),
                    (b"if-match", b"\xff*"),
                    (b"if-none-match", b'W/"\xff"'),
                    (b"if-modified-since", b"Thu, 99 Foo 99999"),
                    (b"range", b"bytes=-9999999999999-"),
                    (b"idempotency-key", b"\xff\x00"),
                    (b"user-agent", b"\xff\xfe" * 300),
                    (b"x-request-id", b"\r\n" + b"x" * 4000),
                    (b"x-forwarded-for", b"999.999.1.1, \xff"),
                    (b"cookie", b"zhiren_lang=%ff; ===;;\xff; zhiren_theme=" + b"x" * 4000),
                    (b"referer", b"http://\xff/"),
                    (b"origin", b"null"),
                )
            )
        )
    return found


def path(random: Random, stock: Stock, pattern: str) -> str:
    """The route's address with something in its braces: mostly what exists."""
    parts = []
    for part in pattern.split("/"):
        if not part.startswith("{"):
            parts.append(part)
            continue
        name = part.strip("{}").partition(":")[0]
        known = stock.one(name)
        parts.append(str(known) if known is not None and random.random() < 0.8 else random.choice(VALUES) or "-")
    return "/".join(parts)
