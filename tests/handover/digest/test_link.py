"""The personal link: one person's digest, to read only, until it expires or is revoked (H6)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from handover.digest import actions
from handover.digest.actions.links import token_of
from handover.digest.jobs import send_due_links
from handover.digest.models import Digest, DigestLink
from handover.message import actions as messages
from handover.notice import actions as notices
from tests.cast import Cast, make_cast
from tests.handover.matters import again, open_ticket
from tickets.activity.models import Activity
from tickets.people.models import Presence

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    found = make_cast()
    Presence.objects.update(on_since=None)
    open_ticket(found.alice, "Thermos leaks", to_pool=True, at=timezone.now())
    return found


def link(cast: Cast, **more: object) -> str:
    return actions.make_link(again(cast.bob), expires_at=timezone.now() + timedelta(hours=1), **more)  # type: ignore[arg-type]


def main_part(body: str) -> str:
    found = re.search(r"(?s)<main.*?</main>", body)
    assert found
    return found.group()


def test_it_shows_the_digest_without_signing_in_and_changes_nothing(cast: Cast) -> None:
    response = Client().get(f"/d/{link(cast)}/")
    body = response.content.decode()
    assert response.status_code == 200
    assert "Thermos leaks" in body
    assert "<form" not in main_part(body) and "<button" not in main_part(body)
    assert (response["Referrer-Policy"], response["Cache-Control"]) == ("no-referrer", "no-store")
    assert not Digest.objects.exists(), "reading by link does not count as opening"
    assert Activity.objects.filter(code="digest.link_opened").count() == 1


def test_only_its_hash_is_kept(cast: Cast) -> None:
    token = link(cast)
    assert token not in str(list(DigestLink.objects.values()))


@pytest.mark.parametrize("how", ["wrong", "tampered", "expired", "revoked", "departed", "unknown"])
def test_whatever_is_wrong_the_answer_is_the_same(cast: Cast, how: str) -> None:
    token = link(cast)
    if how == "wrong":
        token = "nonsense"
    elif how == "tampered":
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    elif how == "expired":
        DigestLink.objects.update(expires_at=timezone.now())
    elif how == "revoked":
        assert actions.revoke_links(cast.bob, by=cast.bob) == 1
    elif how == "departed":
        cast.bob.is_active = False
        cast.bob.save()
    else:
        DigestLink.objects.all().delete()
    response = Client().get(f"/d/{token}/")
    assert response.status_code == 404
    assert "Thermos" not in response.content.decode()
    other = Client().get("/d/nothing/")
    assert main_part(response.content.decode()) == main_part(other.content.decode())


def test_the_token_is_in_no_log(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    token = link(cast)
    Client().get(f"/d/{token}/")
    said = " ".join(f"{r.getMessage()} {getattr(r, 'path', '')}" for r in caplog.records)
    assert "/d/" in said and token not in said


def test_it_opens_no_other_door(cast: Cast) -> None:
    client = Client()
    client.get(f"/d/{link(cast)}/")
    assert client.get("/digest/").status_code == 302
    assert client.post(f"/d/{link(cast)}/").status_code == 405


def test_a_manager_ends_the_links_of_a_lost_phone_and_nobody_elses(cast: Cast) -> None:
    token = link(cast)
    lead, stranger = Client(), Client()
    Presence.objects.filter(member=cast.mallory).update(on_since=timezone.now() - timedelta(hours=1))
    stranger.force_login(cast.mallory.user)
    assert stranger.post(f"/digest/team/{cast.bob.pk}/revoke/").status_code == 404
    lead.force_login(cast.alice.user)
    assert lead.post(f"/digest/team/{cast.bob.pk}/revoke/").status_code == 303
    assert Client().get(f"/d/{token}/").status_code == 404


def test_it_is_mailed_once_before_the_shift_in_the_readers_language(cast: Cast) -> None:
    now = timezone.now()
    cast.bob.user.language = "en"
    cast.bob.user.save()
    Presence.objects.filter(member=cast.bob).update(next_on=now + timedelta(minutes=40), next_until=now + timedelta(hours=7))
    Presence.objects.filter(member=cast.carol).update(next_on=now + timedelta(hours=3), next_until=now + timedelta(hours=9))
    Presence.objects.filter(member=cast.alice).update(next_on=now + timedelta(minutes=40), next_until=now + timedelta(hours=7))
    assert send_due_links(now) == 1
    assert send_due_links(now + timedelta(minutes=5)) == 0
    assert messages.deliver() == 1
    assert [m.to for m in mail.outbox] == [["bob@example.com"]]
    url = re.search(r"/d/\S+/", mail.outbox[0].body)
    assert url and Client().get(url.group()).status_code == 200


def test_link_and_message_are_one_transaction_and_a_mail_that_fails_is_tried_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    Presence.objects.filter(member=cast.bob).update(next_on=now, next_until=now + timedelta(hours=7))

    def broken(*_args: object, **_kwargs: object) -> None:
        raise OSError("no outbox")

    with monkeypatch.context() as patch:
        patch.setattr("handover.digest.actions.links.send", broken)
        with pytest.raises(OSError):
            send_due_links(now)
    assert not DigestLink.objects.exists()
    assert send_due_links(now) == 1
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", broken)
        assert messages.deliver(now) == 1
    assert mail.outbox == []
    assert messages.deliver(now + timedelta(minutes=2)) == 1
    assert len(mail.outbox) == 1


def test_the_same_token_is_made_again_also_after_the_key_of_the_installation_changed(cast: Cast, settings) -> None:
    token, row = link(cast), DigestLink.objects.get()
    assert token_of(row) == token
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "z" * 50, [settings.SECRET_KEY]
    assert token_of(row) == token


def test_the_notices_are_in_it(cast: Cast) -> None:
    notices.publish(by=cast.alice, text="40cm pot out of stock")
    assert "40cm pot out of stock" in Client().get(f"/d/{link(cast)}/").content.decode()
