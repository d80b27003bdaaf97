"""The other side of SMS, IM and push, on this machine: each answers as its vendor's documents say, and remembers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, Any]


@dataclass
class Peer(ABC):
    """A server of one vendor. ``trouble`` is answered instead, one after another, as long as there is some."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    trouble: list[Answer] = field(default_factory=list)

    @abstractmethod
    def handle(self, asked: Asked) -> Answer:
        """What the vendor answers."""


@contextmanager
def serving(peer: Any) -> Iterator[Any]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            peer.asked.append(asked)
            status, said = peer.handle(asked)
            data = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    peer.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield peer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Messenger(Peer):
    """A token that ends when ``revoke`` is called, people by id and mobile."""

    secret = "s3cret"
    agent = 1000002

    def __init__(self) -> None:
        super().__init__()
        self.serial = 1
        self.people = {"zhangsan": "13800000001"}
        self.sent: list[dict[str, Any]] = []
        self.tokens_given = 0

    @property
    def token(self) -> str:
        return f"token-{self.serial}"

    def revoke(self) -> None:
        self.serial += 1


class WeComPeer(_Messenger):
    """``gettoken``, ``user/getuserid``, ``message/send``: HTTP 200 always, errcode tells."""

    corp_id = "ww1"

    def handle(self, asked: Asked) -> Answer:  # noqa: PLR0911 - each answer as the vendor's documents list it
        if asked.path == "/cgi-bin/gettoken":
            if (asked.query.get("corpid"), asked.query.get("corpsecret")) != (self.corp_id, self.secret):
                return 200, {"errcode": 40001, "errmsg": "invalid credential"}
            self.tokens_given += 1
            return 200, {"errcode": 0, "errmsg": "ok", "access_token": self.token, "expires_in": 7200}
        if asked.query.get("access_token") != self.token:
            return 200, {"errcode": 40014, "errmsg": "invalid access_token"}
        if self.trouble:
            return self.trouble.pop(0)
        if asked.path == "/cgi-bin/user/getuserid":
            found = [one for one, mobile in self.people.items() if mobile == asked.json["mobile"]]
            if not found:
                return 200, {"errcode": 46004, "errmsg": "user not exist"}
            return 200, {"errcode": 0, "errmsg": "ok", "userid": found[0]}
        return self._send(asked.json)

    def _send(self, said: dict[str, Any]) -> Answer:
        if said["agentid"] != self.agent:
            return 200, {"errcode": 40056, "errmsg": "invalid agentid"}
        kind = said["msgtype"]
        if kind == "text" and not 0 < len(said["text"]["content"].encode()) <= 2048:
            return 200, {"errcode": 45002, "errmsg": "content size out of limit"}
        if kind == "textcard":
            card = said["textcard"]
            sizes = len(card["title"].encode()) <= 128 and len(card["description"].encode()) <= 512
            if not sizes or "://" not in card["url"] or len(card["btntxt"]) > 4:
                return 200, {"errcode": 40058, "errmsg": "bad parameter"}
        if said["touser"] not in self.people:
            return 200, {"errcode": 81013, "errmsg": "user & party & tag all invalid", "invaliduser": said["touser"]}
        self.sent.append(said)
        return 200, {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": f"msg-{len(self.sent)}"}


class DingTalkPeer(_Messenger):
    """``/gettoken``, ``/topapi/v2/user/getbymobile``, ``asyncsend_v2``: what was said today is not said again."""

    app_key = "ding1"

    def handle(self, asked: Asked) -> Answer:  # noqa: PLR0911 - each answer as the vendor's documents list it
        if asked.path == "/gettoken":
            if (asked.query.get("appkey"), asked.query.get("appsecret")) != (self.app_key, self.secret):
                return 200, {"errcode": 40089, "errmsg": "不合法的corpid或corpsecret"}
            self.tokens_given += 1
            return 200, {"errcode": 0, "errmsg": "ok", "access_token": self.token, "expires_in": 7200}
        if asked.query.get("access_token") != self.token:
            return 200, {"errcode": 88, "sub_code": "40014", "errmsg": "ding talk error"}
        if self.trouble:
            return self.trouble.pop(0)
        if asked.path == "/topapi/v2/user/getbymobile":
            found = [one for one, mobile in self.people.items() if mobile == asked.json["mobile"]]
            if not found:
                return 200, {"errcode": 60121, "errmsg": "找不到该用户"}
            return 200, {"errcode": 0, "errmsg": "ok", "result": {"userid": found[0]}}
        said = asked.json
        if said["userid_list"] not in self.people:
            return 200, {"errcode": 1430000, "errmsg": "no receiver"}
        if len(json.dumps(said["msg"], ensure_ascii=False).encode()) > 2048:
            return 200, {"errcode": 40035, "errmsg": "不合法的参数"}
        if said in self.sent:
            return 200, {"errcode": 143106, "errmsg": "duplicate"}
        self.sent.append(said)
        return 200, {"errcode": 0, "errmsg": "ok", "task_id": 1000 + len(self.sent), "request_id": "r"}


class GatewayPeer(Peer):
    """A gateway that checks Standard Webhooks signatures by itself."""

    key = bytes(range(32))

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []

    @property
    def secret(self) -> str:
        return "whsec_" + base64.b64encode(self.key).decode()

    def handle(self, asked: Asked) -> Answer:
        if self.trouble:
            return self.trouble.pop(0)
        name, at = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
        mac = hmac.new(self.key, f"{name}.{at}.".encode() + asked.body, hashlib.sha256).digest()
        if asked.headers["webhook-signature"] != "v1," + base64.b64encode(mac).decode():
            return 401, {"error": "signature"}
        self.sent.append(asked.json)
        return 202, {"id": f"sms-{len(self.sent)}"}


class AliyunPeer(Peer):
    """``SendSms``: looks at the signature before anything else."""

    key_id, key_secret = "testId", "testSecret"

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, str]] = []

    def handle(self, asked: Asked) -> Answer:
        given = dict(asked.query)
        signature = given.pop("Signature", "")
        line = "&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in sorted(given.items()))
        words = f"{asked.method}&%2F&{quote(line, safe='~')}"
        mac = hmac.new(f"{self.key_secret}&".encode(), words.encode(), "sha1").digest()
        if signature != base64.b64encode(mac).decode():
            return 400, {"Code": "SignatureDoesNotMatch", "Message": "Specified signature is not matched"}
        if self.trouble:
            return self.trouble.pop(0)
        if not given["PhoneNumbers"].isdigit():
            return 200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "号码格式错误"}
        self.sent.append(given)
        return 200, {"Code": "OK", "Message": "OK", "BizId": f"biz-{len(self.sent)}", "RequestId": "r"}


class Browser:
    """One browser's end of RFC 8291: makes the keys of a subscription, and opens what was encrypted for them."""

    def __init__(self, private: ec.EllipticCurvePrivateKey | None = None, auth: bytes = bytes(range(16))) -> None:
        self._private = private or ec.generate_private_key(ec.SECP256R1())
        self._auth = auth
        self.point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": plain64(self.point), "auth": plain64(self._auth)}

    def open(self, body: bytes) -> bytes:
        """RFC 8188, 2.1 and RFC 8291, 3.4: one record, its padding delimiter taken off."""
        salt, size = body[:16], body[20]
        sender = body[21 : 21 + size]
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self._private.exchange(ec.ECDH(), public)
        ikm = _hkdf(self._auth, shared, b"WebPush: info\0" + self.point + sender, 32)
        key = _hkdf(salt, ikm, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(salt, ikm, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, body[21 + size :], None)
        plain, delimiter, _padding = padded.rpartition(b"\x02")
        assert delimiter
        return plain


class PushService(Peer):
    """Takes push messages as RFC 8030 says: 201 with a TTL; ``/gone`` subscriptions have ended."""

    def handle(self, asked: Asked) -> Answer:
        if self.trouble:
            return self.trouble.pop(0)
        if asked.path.startswith("/gone"):
            return 410, b""
        if "ttl" not in asked.headers or len(asked.body) > 4096:
            return 400, b""
        return 201, b""


def plain64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _hkdf(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)
