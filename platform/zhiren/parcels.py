"""What people take along from one customer's site to another's by their own act, and by nothing else.

A parcel lies in Redis, which belongs to no customer, for a quarter of an hour. Its place and its key are both made
from a code that only the person is shown (80 random bits, HKDF of RFC 5869, AES-256-GCM): neither customer, nor
whoever reads Redis, can tell whose it is or open it. A Redis that comes back empty costs a new code.
"""

from __future__ import annotations

import secrets
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from litestar.connection import ASGIConnection
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url

from zhiren.errors import InvalidInput, Unavailable
from zhiren.i18n import _
from zhiren.settings import Settings

KEPT_S: Final = 15 * 60
MAX_BYTES: Final = 12 << 20
#: Crockford's base 32: nothing that is read as something else
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 16
_READ_AS: Final = str.maketrans("OIL", "011", " -–—\u00a0\u3000")
_NONCE_BYTES: Final = 12


class ParcelNotFound(InvalidInput):
    code = "zhiren.parcel_not_found"


class ParcelsUnavailable(Unavailable):
    code = "zhiren.parcels_unavailable"


class _Place(NamedTuple):
    name: str
    key: bytes


class Parcels:
    """One for each web process; ``namespace`` keeps installations that share a Redis apart."""

    def __init__(self, redis: Redis, namespace: str) -> None:
        self._redis = redis
        self._prefix = f"zhiren:parcel:{namespace}:"

    async def put(self, kind: str, content: bytes) -> str:
        """The code under which ``content`` is found for ``KEPT_S``. Raises ParcelsUnavailable; ValueError if it is
        larger than ``MAX_BYTES``."""
        if len(content) > MAX_BYTES:
            raise ValueError(f"a parcel has at most {MAX_BYTES} bytes")
        code = "".join(secrets.choice(_LETTERS) for _each in range(_LENGTH))
        place = self._place(kind, code)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + AESGCM(place.key).encrypt(nonce, content, place.name.encode())
        try:
            await self._redis.set(place.name, sealed, ex=KEPT_S)
        except (RedisError, OSError) as error:
            raise _unavailable() from error
        return "-".join(code[at : at + 4] for at in range(0, _LENGTH, 4))

    async def open(self, kind: str, code: str) -> bytes:
        """Raises ParcelNotFound for a code that is wrong or over, ParcelsUnavailable."""
        place = self._place(kind, normal(code))
        try:
            sealed: Any = await self._redis.get(place.name)
        except (RedisError, OSError) as error:
            raise _unavailable() from error
        try:
            if not sealed or len(sealed) < _NONCE_BYTES:
                raise InvalidTag
            return AESGCM(place.key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.name.encode())
        except InvalidTag:
            raise ParcelNotFound(
                _("携带码不对，或已过期。"), hint=_("请在原来的网站重新生成一个，15 分钟内有效。")
            ) from None

    async def drop(self, kind: str, code: str) -> None:
        """Ends it now. Raises ParcelsUnavailable."""
        try:
            await self._redis.delete(self._place(kind, normal(code)).name)
        except (RedisError, OSError) as error:
            raise _unavailable() from error

    def _place(self, kind: str, code: str) -> _Place:
        made = HKDF(SHA256(), 48, salt=None, info=f"zhiren parcel {kind}".encode()).derive(code.encode())
        return _Place(self._prefix + made[:16].hex(), made[16:])


def make_parcels(redis: Redis, settings: Settings) -> Parcels:
    return Parcels(redis, make_url(settings.database_url).database or "")


def normal(code: str) -> str:
    """As typed by people: small letters, spaces, dashes, O for 0, I and L for 1."""
    return code.upper().translate(_READ_AS)[: _LENGTH * 2]


def parcels_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Parcels:
    found = connection.app.state.parcels
    assert isinstance(found, Parcels)
    return found


def _unavailable() -> ParcelsUnavailable:
    return ParcelsUnavailable(_("暂时不能携带资料。"), hint=_("请过几分钟再试，或直接填写。"))
