"""PostgreSQL, Redis and OpenBao for one machine: started, watched and stopped as children, no administrator needed.

``start(var_dir, env)`` gives a :class:`Running` whose ``settings_env`` holds every ``ZHIREN_*`` variable the services
answer to. A service whose setting is in ``env`` is not started. Several processes may hold the same services at once;
the last one to let go stops them.
"""

from ops.services.client import Running, remove, start
from ops.services.errors import ServiceError

__all__ = ["Running", "ServiceError", "remove", "start"]
