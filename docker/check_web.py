"""Exit 0 when the web server says that it is ready. Asks with a host name that it serves."""

import os
import sys
import urllib.request

url = os.environ.get("MIXTRIAL_CHECK_URL", "http://127.0.0.1:8000/readyz")
host = os.environ.get("MIXTRIAL_HOSTS", "localhost").split(",")[0]
request = urllib.request.Request(url, headers={"Host": host, "X-Forwarded-Proto": "https"})  # noqa: S310 - our own
with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 - our own
    sys.exit(0 if response.status == 200 else 1)
