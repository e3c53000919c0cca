"""Production settings, plus the bare page that everything is compared with."""

from handover.settings import *  # noqa: F403
from handover.settings import BASE_DIR, TEMPLATES

ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"].append(BASE_DIR / "bench" / "templates")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
