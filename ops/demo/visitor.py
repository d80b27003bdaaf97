"""Somebody in front of a browser: pages by GET, forms by POST with the proof the page carried, nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from zhiren.i18n import _

_TOKEN: Final = re.compile(r'<meta name="csrf-token" content="([0-9a-f]+)"')
_HEADING: Final = re.compile(r"<h1[^>]*>([^<]*)<")
_PATIENCE_S: Final = 120.0


class CheckFailed(Exception):
    """Something is not as it has to be; the message says what."""


class Visitor:
    """``slug`` is the customer whose address is visited. The phone is told by its User-Agent."""

    def __init__(self, port: int, slug: str, domain: str, *, phone: bool = False) -> None:
        device = (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile" if phone else "Mozilla/5.0 (X11; Linux)"
        )
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={
                "Host": f"{slug}.{domain}",
                "Accept": "text/html",
                "Accept-Language": "zh-CN",
                "User-Agent": device,
            },
            timeout=60,
        )
        self._token = ""

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def log_in(self, login: str, password: str) -> None:
        self.page("/login")
        answer = self.post("/login", {"login": login, "password": password, "next": "/"})
        if "/login" in answer.headers.get("location", ""):
            raise CheckFailed(_("{login} 不能登录", login=login))

    def get(self, path: str) -> httpx.Response:
        """Whatever answers."""
        return self._http.get(path)

    def page(self, path: str, *, status: int = 200, contains: str = "") -> str:
        """The text of a page. Raises CheckFailed when it answers otherwise, or does not contain what it must."""
        answer = self._http.get(path)
        text = answer.text
        if found := _TOKEN.search(text):
            self._token = found[1]
        if answer.status_code != status:
            raise CheckFailed(_("{path} 返回 {got}，应为 {want}", path=path, got=answer.status_code, want=status))
        if contains not in text:
            raise CheckFailed(_("{path} 上没有“{text}”", path=path, text=contains))
        return text

    def file(self, path: str, begins: bytes) -> bytes:
        answer = self._http.get(path)
        if answer.status_code != 200 or not answer.content.startswith(begins):
            raise CheckFailed(_("{path} 没有给出文件（{got}）", path=path, got=answer.status_code))
        return answer.content

    def status(self, path: str) -> int:
        return self._http.get(path).status_code

    def becomes(self, path: str, status: int, *, within_s: float = 1.5) -> None:
        """The page answers so on every server process, at the latest after ``within_s``."""
        deadline_s = time.monotonic() + within_s
        while time.monotonic() < deadline_s and any(self.status(path) != status for _each in range(3)):
            time.sleep(0.1)
        self.page(path, status=status)

    def post(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        file: tuple[str, bytes] | None = None,
        name: str = "file",
    ) -> httpx.Response:
        """Sends a form as its page would, ``file`` in the field ``name``. Raises CheckFailed when it is refused."""
        answer = self._http.post(
            path,
            data={"_csrf": self._token, **(form or {})},
            files={name: file} if file else None,
            headers={"X-CSRF-Token": self._token},
        )
        if answer.status_code not in (200, 201, 202, 204, 303):
            told = _HEADING.search(answer.text)
            why = f"{answer.status_code} {told[1].strip() if told else ''}"
            raise CheckFailed(_("{path} 被拒绝：{got}", path=path, got=why))
        return answer

    def follow(self, path: str, form: Mapping[str, str] | None = None, *, file: tuple[str, bytes] | None = None) -> str:
        """Sends a form and answers with the path of the page it leads to."""
        answer = self.post(path, form, file=file)
        if "location" not in answer.headers:
            raise CheckFailed(_("{path} 被拒绝：{got}", path=path, got=answer.status_code))
        return urlsplit(answer.headers["location"]).path

    def put_on(self, cookies: httpx.Cookies) -> None:
        """Wears somebody else's cookies, as a thief would."""
        for cookie in cookies.jar:
            self._http.cookies.set(cookie.name, cookie.value or "")

    @property
    def cookies(self) -> httpx.Cookies:
        return self._http.cookies

    def json(self, path: str) -> Any:
        answer = self._http.get(path, headers={"Accept": "application/json"})
        if answer.status_code != 200:
            raise CheckFailed(_("{path} 返回 {got}，应为 {want}", path=path, got=answer.status_code, want=200))
        return answer.json()

    def wait_for_jobs(self) -> None:
        """Until nothing the visitor asked for is queued or running. Raises CheckFailed when one failed."""
        deadline_s = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline_s:
            found = self.json("/api/v1/jobs")["items"]
            if failed := [job for job in found if job["state"] == "failed"]:
                raise CheckFailed(f"{failed[0]['name']}: {failed[0].get('error')}")
            if not any(job["state"] in ("queued", "running") for job in found):
                return
            time.sleep(0.2)
        raise CheckFailed(_("后台任务 {seconds} 秒内没有完成", seconds=int(_PATIENCE_S)))
