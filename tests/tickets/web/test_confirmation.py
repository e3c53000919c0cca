"""Proving once more who one is: signing in counts as a proof, whatever was read before it."""

from __future__ import annotations

import os
import subprocess
import sys

FRESH = """
import django
django.setup()
from django.contrib.auth.signals import user_logged_in
assert "handover.urls" not in __import__("sys").modules, "the pages were read already: this proves nothing"
class Request: session = {}
class Someone: save = staticmethod(lambda **_what: None)
user_logged_in.send(object, request=Request, user=Someone)
print(*Request.session)
"""


def test_the_first_to_sign_in_after_a_start_has_proved_it_too():
    """Nobody has asked for a page that signs yet, so nothing has read the module that remembers it."""
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": "handover.settings"}
    done = subprocess.run([sys.executable, "-c", FRESH], env=environ, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("confirmed_at", 0), done.stderr
