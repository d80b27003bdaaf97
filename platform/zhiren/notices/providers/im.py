"""Messages to colleagues in WeCom 企业微信 and DingTalk 钉钉, as a self-built app of the customer's.

An address is the platform's user id, or ``mobile:138…``, which the platform is asked about. Access tokens are kept
for this process until shortly before they end; one that the platform has taken back is fetched anew, once.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from zhiren.notices.providers.base import Parcel, Receipt, Refused, TryLater
from zhiren.notices.providers.outward import Outward

WECOM: Final = "https://qyapi.weixin.qq.com"
DINGTALK: Final = "https://oapi.dingtalk.com"
#: bytes of a text; the platforms cut or refuse more
TEXT_BYTES: Final = 2000
#: a token is not used in its last minutes
_MARGIN_S: Final = 300.0


class Tokens:
    """Access tokens by platform, app and secret, as long as they hold."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, ...], tuple[str, float]] = {}

    def get(self, key: tuple[str, ...]) -> str | None:
        token, until_s = self._held.get(key, ("", 0.0))
        return token if time.monotonic() < until_s else None

    def keep(self, key: tuple[str, ...], token: str, expires_s: float) -> None:
        self._held[key] = (token, time.monotonic() + max(0.0, expires_s - _MARGIN_S))

    def drop(self, key: tuple[str, ...]) -> None:
        self._held.pop(key, None)


_tokens: Final = Tokens()


class _Platform(ABC):
    """What both have in common: a token, answers with ``errcode``."""

    #: codes of a token that holds no more
    STALE: ClassVar[frozenset[int]]
    BUSY: ClassVar[frozenset[int]]
    NOBODY: ClassVar[frozenset[int]]

    def __init__(self, outward: Outward, base: str, app: tuple[str, str], tokens: Tokens | None = None) -> None:
        self._outward = outward
        self._base = base.rstrip("/")
        self._app = app
        self._tokens = tokens or _tokens

    async def call(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer, whose ``errcode`` is 0. Raises TryLater, Refused."""
        answer: dict[str, Any] = {}
        for _attempt in (1, 2):
            token = await self._token()
            answer = await self._outward.post_json(self._base + path, body, params={"access_token": token})
            if self._code(answer) not in self.STALE:
                break
            self._tokens.drop(self._key)
        return self._checked(answer)

    async def _token(self) -> str:
        token = self._tokens.get(self._key)
        if token is None:
            answer = self._checked(await self._fetch_token())
            token = str(answer["access_token"])
            self._tokens.keep(self._key, token, float(answer.get("expires_in", 7200)))
        return token

    @abstractmethod
    async def _fetch_token(self) -> dict[str, Any]:
        """The platform's own way to a token."""

    @property
    def _key(self) -> tuple[str, ...]:
        return (self._base, *self._app)

    def _code(self, answer: Mapping[str, Any]) -> int:
        code = answer.get("errcode", 0)
        return code if isinstance(code, int) else -1

    def _checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        code = self._code(answer)
        if code == 0:
            return answer
        said = f"{code} {answer.get('errmsg', '')}"
        if code in self.BUSY:
            raise TryLater("notices.busy", said)
        if code in self.NOBODY:
            raise Refused("notices.unknown_person", said)
        # secret, agent, list of addresses: an administrator puts it right, then it goes out
        raise TryLater("notices.misconfigured", said)


class WeCom(_Platform):
    """The provider ``wecom``: ``message/send`` to one member, as a card where there is a link."""

    STALE = frozenset({40014, 41001, 42001})
    BUSY = frozenset({-1, 45009, 45033})
    NOBODY = frozenset({40003, 40031, 46004, 60111, 81013, 82001, 50002})

    def __init__(self, outward: Outward, given: Mapping[str, str], tokens: Tokens | None = None) -> None:
        super().__init__(outward, given.get("url") or WECOM, (given["corp_id"], given["secret"]), tokens)
        self._agent = int(given["agent_id"])

    async def send(self, parcel: Parcel) -> Receipt:
        user = await self._user(parcel.address)
        body: dict[str, Any] = {
            "touser": user,
            "agentid": self._agent,
            # the platform itself leaves a second one of the same words out, for so long as tries are close together
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 14400,
        }
        if parcel.link:
            card = {
                "title": cut(parcel.content.subject, 128),
                "description": cut(parcel.content.body, 512),
                "url": parcel.link,
                "btntxt": cut(parcel.content.action, 12),
            }
            body |= {"msgtype": "textcard", "textcard": card}
        else:
            text = parcel.content.subject + (
                "" if parcel.content.body == parcel.content.subject else f"\n{parcel.content.body}"
            )
            body |= {"msgtype": "text", "text": {"content": cut(text, TEXT_BYTES)}}
        answer = await self.call("/cgi-bin/message/send", body)
        if answer.get("invaliduser"):
            raise Refused("notices.unknown_person", "invaliduser")
        return Receipt(str(answer.get("msgid", "")))

    async def _user(self, address: str) -> str:
        if not address.startswith("mobile:"):
            return address
        answer = await self.call("/cgi-bin/user/getuserid", {"mobile": address.removeprefix("mobile:")})
        return str(answer["userid"])

    async def _fetch_token(self) -> dict[str, Any]:
        corp_id, secret = self._app
        return await self._outward.get_json(
            f"{self._base}/cgi-bin/gettoken", params={"corpid": corp_id, "corpsecret": secret}
        )


class DingTalk(_Platform):
    """The provider ``dingtalk``: a work notification (``asyncsend_v2``) to one person."""

    STALE = frozenset({88, 40014, 42001})
    BUSY = frozenset({-1, 90002, 90018, 143103, 143104, 143105})
    NOBODY = frozenset({33012, 60111, 60121, 40103, 1430000})
    #: the same words to the same person on the same day: it is there already
    TWICE = 143106

    def __init__(self, outward: Outward, given: Mapping[str, str], tokens: Tokens | None = None) -> None:
        super().__init__(outward, given.get("url") or DINGTALK, (given["app_key"], given["secret"]), tokens)
        self._agent = int(given["agent_id"])

    async def send(self, parcel: Parcel) -> Receipt:
        user = await self._user(parcel.address)
        title, text = parcel.content.subject, cut(parcel.content.body, 1500)
        message: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
        if parcel.link:
            card = {
                "title": cut(title, 64),
                "markdown": f"**{title}**\n\n{text}",
                "single_title": cut(parcel.content.action, 20),
                "single_url": parcel.link,
            }
            message = {"msgtype": "action_card", "action_card": card}
        body = {"agent_id": self._agent, "userid_list": user, "msg": message}
        answer = await self.call("/topapi/message/corpconversation/asyncsend_v2", body)
        return Receipt(str(answer.get("task_id", "")))

    def _checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        if self._code(answer) == self.TWICE:
            return {"errcode": 0, "task_id": ""}
        return super()._checked(answer)

    async def _user(self, address: str) -> str:
        if not address.startswith("mobile:"):
            return address
        answer = await self.call("/topapi/v2/user/getbymobile", {"mobile": address.removeprefix("mobile:")})
        return str(answer["result"]["userid"])

    async def _fetch_token(self) -> dict[str, Any]:
        key, secret = self._app
        return await self._outward.get_json(f"{self._base}/gettoken", params={"appkey": key, "appsecret": secret})


def cut(text: str, size_bytes: int) -> str:
    """``text`` within so many bytes of UTF-8, never in the middle of a character."""
    data = text.encode()
    if len(data) <= size_bytes:
        return text
    return data[: size_bytes - 3].decode(errors="ignore") + "…"
