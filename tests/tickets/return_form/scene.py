"""The scene of every story here: Dora files, Wen counts, Alice decides; two pots and a lid were bought for 100.00 and shipped."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.cast import NOON, Cast, make_cast, make_customer
from tickets.customer.models import Customer
from tickets.order.models import Order, OrderLine
from tickets.people.models import Member
from tickets.return_form import actions
from tickets.return_form.models import ReturnForm
from tickets.ticket.models import Reason

D = Decimal


@dataclass
class Scene:
    cast: Cast
    customer: Customer
    order: Order
    pot: OrderLine
    lid: OrderLine
    ours: Reason
    choice: Reason
    head: Reason

    @property
    def dora(self) -> Member:
        return self.cast.dora

    @property
    def wen(self) -> Member:
        return self.cast.wen

    @property
    def alice(self) -> Member:
        return self.cast.alice

    def ask(self, line: OrderLine | None = None, quantity: int = 1, resolution: str = "return_and_refund", **more) -> actions.Asked:
        more.setdefault("reason", self.ours.pk)
        if resolution == "exchange":
            more.setdefault("exchange_for", "40 cm pot, blue")
        return actions.Asked(order_line=(line or self.pot).pk, quantity=quantity, resolution=resolution, **more)

    def filed(self, *lines: actions.Asked, **more) -> ReturnForm:
        return actions.file(self.order, list(lines) or [self.ask()], by=self.dora, **more)

    def submitted(self, *lines: actions.Asked, **more) -> ReturnForm:
        return actions.submit(self.filed(*lines, **more), by=self.dora)

    def inspected(self, *lines: actions.Asked, **more) -> ReturnForm:
        form = self.submitted(*lines, **more)
        if any(line.resolution in ("return_and_refund", "exchange") for line in form.lines.all()):
            actions.inspect(form, by=self.wen, counts=all_ok(form))
        return actions.cosign(form, by=self.wen)

    def decided(self, *lines: actions.Asked, **more) -> ReturnForm:
        return actions.decide(self.inspected(*lines), by=self.alice, **more)

    def closed(self, *lines: actions.Asked, **more) -> ReturnForm:
        return actions.settle(
            actions.decide(self.inspected(*lines, **more), by=self.alice), by=self.dora, reference=f"ALI-{ReturnForm.objects.count()}"
        )


def png(colour: str = "red") -> SimpleUploadedFile:
    kept = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(kept, "PNG")
    return SimpleUploadedFile("照片.png", kept.getvalue(), "image/png")


def all_ok(form: ReturnForm) -> list[actions.Counted]:
    goods = form.lines.filter(resolution__in=["return_and_refund", "exchange"])
    return [actions.Counted(line.place, ok=line.quantity, disposition="restock") for line in goods]


def make_order(cast: Cast, customer: Customer | None, number: str = "26112100017", **changes) -> Order:
    values = {
        "status": "completed",
        "paid": D("110.00"),
        "total": D("110.00"),
        "freight": D("10.00"),
        "shipped_at": NOON - timedelta(days=5),
    }
    return Order.objects.create(
        team=cast.team,
        shop=cast.shop,
        number=number,
        customer=customer,
        sold_by=cast.bob,
        created_at=NOON - timedelta(days=9),
        updated_at=NOON,
        placed_at=NOON - timedelta(days=9),
        **values | changes,
    )


def make_scene(cast: Cast | None = None) -> Scene:
    cast = cast or make_cast()
    customer = make_customer(cast.team)
    order = make_order(cast, customer)
    pot = OrderLine.objects.create(order=order, key="1", sku="POT-40", title="Cast iron pot 40 cm", quantity=2, price=D("40.00"))
    lid = OrderLine.objects.create(order=order, key="2", sku="LID-40", title="Glass lid 40 cm", quantity=1, price=D("20.00"))
    head = Reason.objects.create(team=cast.team, name="Quality")
    ours = Reason.objects.create(team=cast.team, parent=head, name="Leaks", fault="ours")
    wish = Reason.objects.create(team=cast.team, name="Wish")
    choice = Reason.objects.create(team=cast.team, parent=wish, name="Changed mind", fault="customer")
    return Scene(cast, customer, order, pot, lid, ours, choice, head)
