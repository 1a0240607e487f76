"""The product's settings with one bug of server_bugs.py between the web server and everything else."""

from studyweb.settings import *  # noqa: F403
from studyweb.settings import MIDDLEWARE as PROPER

MIDDLEWARE = ["tests.bench.durability.server_bugs.middleware", *PROPER]
