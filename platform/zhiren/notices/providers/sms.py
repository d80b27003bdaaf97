"""SMS: a gateway of one's own, or Aliyun 阿里云短信.

The gateway gets a POST of JSON ``{id, to, text, kind, values}``, signed as Standard Webhooks has it: ``webhook-id``
(the same at every try, so that the gateway can leave a second one out), ``webhook-timestamp`` and
``webhook-signature`` over ``id.timestamp.body``. 2xx: taken, with ``{"id": …}`` as its name
for it; 429 and 5xx: later; else never.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from zhiren.notices.providers.base import Parcel, Receipt, Refused, TryLater
from zhiren.notices.providers.outward import Outward, read_json, retry_after_s

ALIYUN: Final = "https://dysmsapi.aliyuncs.com/"
#: codes of dysmsapi 2017-05-25 that may pass
_ALIYUN_LATER: Final = ("isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "Throttling")
_ALIYUN_NUMBER: Final = ("isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "isv.INVALID_PARAMETERS")


class GatewaySms:
    """The provider ``webhook``. ``secret`` is base64, with or without ``whsec_``."""

    def __init__(self, outward: Outward, url: str, secret: str) -> None:
        self._outward, self._url = outward, url
        self._secret = base64.b64decode(secret.removeprefix("whsec_"))

    async def send(self, parcel: Parcel) -> Receipt:
        said = {
            "id": str(parcel.id),
            "to": parcel.address,
            "text": text_of(parcel),
            "kind": parcel.kind,
            "values": parcel.content.values,
        }
        body = json.dumps(said, ensure_ascii=False).encode()
        headers = {"content-type": "application/json", **signed(self._secret, str(parcel.id), time.time(), body)}
        answer = await self._outward.request("POST", self._url, content=body, headers=headers)
        if answer.status == 429 or answer.status >= 500:
            raise TryLater("notices.busy", f"HTTP {answer.status}", after_s=retry_after_s(answer))
        if not 200 <= answer.status < 300:
            code = "notices.login_refused" if answer.status in (401, 403) else "notices.recipient_refused"
            raise Refused(code, f"HTTP {answer.status}")
        return Receipt(_name_in(answer.body))


class AliyunSms:
    """The provider ``aliyun``: SendSms of dysmsapi 2017-05-25, RPC style, HMAC-SHA1 signature 1.0.

    Chinese carriers take only texts approved beforehand: ``templates`` maps a notice's kind to its template code, whose
    variables are the notice's values; what has none goes by ``template`` with the one variable ``content``.
    """

    def __init__(self, outward: Outward, given: Mapping[str, str]) -> None:
        self._outward = outward
        self._url = given.get("url") or ALIYUN
        self._key_id, self._key_secret = given["key_id"], given["key_secret"]
        self._sign, self._template = given["sign"], given.get("template", "")
        self._templates = read_templates(given.get("templates", ""))

    async def send(self, parcel: Parcel) -> Receipt:
        code = self._templates.get(parcel.kind)
        values = dict(parcel.content.values) if code else {"content": parcel.content.body}
        if not (code or self._template):
            raise TryLater("notices.misconfigured", f"no template code for {parcel.kind}")
        query = {
            "Action": "SendSms",
            "PhoneNumbers": parcel.address.removeprefix("+86"),
            "SignName": self._sign,
            "TemplateCode": code or self._template,
            "TemplateParam": json.dumps(values, ensure_ascii=False),
            "OutId": str(parcel.id),
        }
        url = self._url
        params = aliyun_signed(
            query, self._key_id, self._key_secret, now=datetime.now(UTC), nonce=f"{parcel.id}-{time.time_ns()}"
        )
        answer = await self._outward.request("POST", url, params=params)
        if answer.status >= 500 or answer.status == 429:
            raise TryLater("notices.busy", f"HTTP {answer.status}")
        return _aliyun_receipt(read_json(answer))


def _aliyun_receipt(found: Mapping[str, Any]) -> Receipt:
    code, said = str(found.get("Code", "")), f"{found.get('Code')} {found.get('Message', '')}"
    if code == "OK":
        return Receipt(str(found.get("BizId", "")))
    if code.startswith(_ALIYUN_LATER):
        raise TryLater("notices.busy", said)
    if code in _ALIYUN_NUMBER:
        raise Refused("notices.recipient_refused", said)
    # key, signature, template, balance: an administrator puts it right, then it goes out
    raise TryLater("notices.misconfigured", said)


def signed(secret: bytes, message_id: str, at_s: float, body: bytes) -> dict[str, str]:
    """Headers of Standard Webhooks 1.0."""
    stamp = str(int(at_s))
    mac = hmac.digest(secret, b".".join((message_id.encode(), stamp.encode(), body)), "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


def aliyun_signed(
    query: Mapping[str, str], key_id: str, key_secret: str, *, now: datetime, nonce: str, method: str = "POST"
) -> dict[str, str]:
    """``query`` with Aliyun's common parameters and signature 1.0: HMAC-SHA1 with ``secret&`` over
    ``METHOD&%2F&`` and the sorted, percent-encoded query."""
    full = {
        "Format": "JSON",
        "Version": "2017-05-25",
        "RegionId": "cn-hangzhou",
        "AccessKeyId": key_id,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": nonce,
        "Timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        **query,
    }
    canonical = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(full.items()))
    words = f"{method}&{_encoded('/')}&{_encoded(canonical)}"
    mac = hmac.digest(f"{key_secret}&".encode(), words.encode(), hashlib.sha1)
    return {**full, "Signature": base64.b64encode(mac).decode()}


def read_templates(text: str) -> dict[str, str]:
    """``kind=SMS_123`` on each line. Raises ValueError."""
    found = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        kind, equals, code = line.partition("=")
        if not equals or not kind.strip() or not code.strip():
            raise ValueError(line)
        found[kind.strip()] = code.strip()
    return found


def text_of(parcel: Parcel) -> str:
    """The short text, and where it leads."""
    return f"{parcel.content.body} {parcel.link}".strip()


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _name_in(body: bytes) -> str:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return ""
    return str(found.get("id", ""))[:200] if isinstance(found, dict) else ""
