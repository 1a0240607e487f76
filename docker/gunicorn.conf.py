"""How gunicorn serves MixTrial behind nginx. GUNICORN_CMD_ARGS overrides any of it."""

import os

bind = "0.0.0.0:8000"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
timeout = 60
graceful_timeout = 20
keepalive = 30
max_requests = 10_000
max_requests_jitter = 1_000
worker_tmp_dir = "/dev/shm"  # noqa: S108 - memory, in a container of its own
"""A worker's heartbeat file must not wait for a disk."""
control_socket_disable = True
forwarded_allow_ips = "*"
"""Only nginx reaches this port; the compose file publishes none of it."""
