"""The WSGI entry: `gunicorn handover.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "handover.settings")
application = get_wsgi_application()
