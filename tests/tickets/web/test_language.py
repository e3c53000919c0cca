"""A reader's language and time zone are of one request, not of the thread that answered it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone, translation

from tests.cast import make_cast

pytestmark = pytest.mark.django_db


def test_the_next_request_of_a_thread_begins_without_the_last_readers_language() -> None:
    bob = make_cast().bob
    bob.user.language = "zh-hans"
    bob.user.save()
    client = Client(headers={"accept-language": "en"})
    client.force_login(bob.user)
    answer = client.get("/me/settings/")
    assert answer.headers["Content-Language"] == "zh-hans" and 'lang="zh-Hans"' in answer.content.decode()
    assert translation.get_language() == "en" and timezone.get_current_timezone_name() == "UTC"
