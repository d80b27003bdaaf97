"""What a customer has bought and switched on: signed licences, modules on and off, seats.

A licence is checked offline against keys compiled into the package (``docs/decisions/0008-licences.md``).
"""

from licensing.models import MODELS
from zhiren import audit
from zhiren.i18n import N_

audit.describe(
    objects={"licence": N_("授权"), "module": N_("模块")},
    actions={
        "licensing.module.switch": N_("打开或关闭模块"),
        "licensing.licence.install": N_("安装授权"),
    },
)

__all__ = ["MODELS"]
