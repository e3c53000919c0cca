#!/usr/bin/env python
"""Django's command line for Handover; `manage.py up` runs the whole system on this machine."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "handover.settings")
    if sys.argv[1:2] == ["up"]:  # a try-out on this machine, unless told otherwise
        os.environ.setdefault("HANDOVER_LOCAL", "1")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as wrong:  # what somebody wrote into the environment; where we read it helps nobody
        sys.exit(f"Handover cannot start: {wrong}")


if __name__ == "__main__":
    main()
