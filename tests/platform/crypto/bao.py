"""An OpenBao of its own for tests that stop, seal and starve it: raft storage, so that a restart keeps its keys."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hvac

from ops.services.openbao import APP_POLICY, PROVISIONER_POLICY


@dataclass(frozen=True)
class Settings:
    vault_addr: str
    vault_role_id: str = ""
    vault_secret_id: str = ""
    vault_provisioner_role_id: str = ""
    vault_provisioner_secret_id: str = ""
    vault_cacert: str | None = None
    data_key_cache_s: float = 60.0


class Bao:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, cluster = _free_ports(2)
        self.addr = f"http://127.0.0.1:{self.port}"
        (folder / "raft").mkdir()
        (folder / "seal.key").write_bytes(b"k" * 32)
        self.config = folder / "config.json"
        self.config.write_text(
            json.dumps(
                {
                    "api_addr": self.addr,
                    "cluster_addr": f"http://127.0.0.1:{cluster}",
                    "storage": {"raft": {"path": str(folder / "raft"), "node_id": "1", "performance_multiplier": 1}},
                    "listener": [{"tcp": {"address": f"127.0.0.1:{self.port}", "tls_disable": True}}],
                    "seal": [{"static": {"current_key_id": "1", "current_key": f"file://{folder / 'seal.key'}"}}],
                }
            )
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.root = hvac.Client(url=self.addr)
        self.sys: Any = self.root.sys

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(Path(sys.executable).with_name("bao")), "server", f"-config={self.config}"], stdout=log, stderr=log
            )
        self._wait(lambda: self.sys.is_initialized() is not None)
        if self.sys.is_initialized():
            self._wait(self._serves)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def seal(self) -> None:
        self.sys.seal()

    def set_up(self, *, token_ttl: str = "20m") -> Settings:
        answer: Any = self.sys.initialize(recovery_shares=1, recovery_threshold=1)
        self.root.token = answer["root_token"]
        self._wait(self._serves)
        self._wait(lambda: self.sys.enable_secrets_engine("transit") is not None)
        self.sys.enable_auth_method("approle")
        ids = [self.add_role("app", APP_POLICY, token_ttl), self.add_role("provisioner", PROVISIONER_POLICY, token_ttl)]
        return Settings(self.addr, *ids[0], *ids[1])

    def add_role(self, name: str, policy: str, token_ttl: str) -> tuple[str, str]:
        self.sys.create_or_update_policy(name, policy)
        approle: Any = self.root.auth.approle
        approle.create_or_update_approle(
            name, token_policies=[name], token_type="batch", token_ttl=token_ttl, token_no_default_policy=True
        )
        role_id = approle.read_role_id(name)["data"]["role_id"]
        return role_id, approle.generate_secret_id(name)["data"]["secret_id"]

    def _serves(self) -> bool:
        # a mapping when unsealed and active, the bare response otherwise
        return isinstance(self.sys.read_health_status(method="GET"), dict)

    @staticmethod
    def _wait(reached: Any) -> None:
        until_s = time.monotonic() + 20
        while True:
            try:
                if reached():
                    return
            except Exception as error:  # whatever a server says that is still starting
                last: Exception | None = error
            else:
                last = None
            if time.monotonic() > until_s:
                raise TimeoutError("OpenBao did not get ready") from last
            time.sleep(0.05)


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
