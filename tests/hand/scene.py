"""The API's scene with the rest laid out that a page shows: so that every page has its row."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.files.base import ContentFile
from django.utils import timezone

from handover.duty.models import Duty
from handover.message.models import Destination
from tests.api.scene import Scene, make_scene
from tests.handover.matters import begin, hand_over
from tests.handover.plans import make_pattern
from tests.tickets.return_form.scene import make_order
from tickets.movein.models import Move
from tickets.order.models import Import, OrderLine
from tickets.people.models import Member
from tickets.return_form import actions as forms

PEOPLE = {"agent": "bob", "night": "carol", "aftersale": "dora", "warehouse": "wen", "manager": "alice", "operations": "olga"}
"""Who of the cast does here what this account of the demo team does there."""


def make_everything() -> Scene:
    """Every word of a path in `ux/pages.py` and `ux/doors.py` has a row."""
    scene = make_scene()
    cast, ids, now = scene.cast, scene.ids, timezone.now()
    order = make_order(cast, None)
    line = OrderLine.objects.create(order=order, key="1", title="铸铁锅", quantity=2, price=40)
    form = forms.submit(forms.file(order, [forms.Asked(line.pk, 1, "return_and_refund", ids["reason"])], by=cast.dora), by=cast.dora)
    run = Import.objects.create(
        team=cast.team, shop=cast.shop, kind="", by=cast.alice, name="b.csv", size=40, state="uploaded", created_at=now,
        file=ContentFile("订单号,付款\n12345678,9.90\n".encode(), "b.csv"),
    )  # fmt: skip
    move = Move.objects.create(team=cast.team, system="zammad", name="z.json", state="done", by=cast.alice, created_at=now, finished_at=now)
    place = Destination.objects.create(
        team=cast.team, member=cast.bob, kind="email", address="bob@example.com", shown="b…@example.com", created_at=now
    )
    begin(cast.carol, now)
    signed = hand_over(cast.carol, timezone.now())
    passkey = second_factors(cast.alice)
    return Scene(
        cast,
        ids | {
            "held": ids["ticket"], "any_ticket": ids["into"], "promise": ids["promises"], "customer": ids["customers"],
            "order": ids["orders"], "draft_form": ids["form"], "form": form.pk, "to_count": form.pk, "script": ids["scripts"],
            "campaign": ids["campaigns"], "shift": ids["shift"], "pattern": make_pattern(cast.team, "Early", "09:00", "17:00").pk,
            "duty": Duty.objects.filter(member=cast.bob).latest("pk").pk, "notice": ids["notices"], "place": place.pk,
            "sheet": cast.bob.pk, "run": run.pk, "signed": signed.pk, "move": move.pk, "webhook": ids["webhooks"], "passkey": passkey.pk,
        },
    )  # fmt: skip


def second_factors(member: Member) -> Authenticator:
    """An app, the codes for a lost one, and a passkey, which is given back."""
    TOTP.activate(member.user, generate_totp_secret())
    RecoveryCodes.activate(member.user)
    credential = {"clientExtensionResults": {"credProps": {"rk": True}}}
    return Authenticator.objects.create(
        user=member.user, type=Authenticator.Type.WEBAUTHN, data={"name": "Laptop", "credential": credential}
    )
