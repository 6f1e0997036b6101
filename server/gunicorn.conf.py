"""gunicorn, for those who have it already: `gunicorn -c server/gunicorn.conf.py`, in the top folder.

The server that docs/web.md recommends is another (docs/decisions/0035-which-server-and-how-many-workers.md).
The variables are those of `server.web`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from server.web import GRACE, SettingError, settings

try:
    _chosen = settings()
except SettingError as problem:
    raise SystemExit(str(problem)) from None

wsgi_app = "server.wsgi:app"
bind = _chosen.address
workers = _chosen.workers
worker_class = "gthread"
threads = 8  # a turn that waits for the store or the reminders leaves the others free
preload_app = True  # a mistake is told once, before the port is open; the workers share what was read
graceful_timeout = GRACE
timeout = 30
keepalive = 75  # longer than a proxy keeps its own, so that the proxy hangs up first
limit_request_line = 1024
limit_request_fields = 50
limit_request_field_size = 4096
forwarded_allow_ips = ""  # nothing is believed of X-Forwarded-*, and nothing is read from it
accesslog = None  # the door tells once a minute what came, without a value
loglevel = "warning"
