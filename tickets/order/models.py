"""What was bought: orders, their lines, and the imports that brought them."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from tickets.customer.models import Customer
from tickets.people.models import Member, Shop, Team


class OrderStatus(models.TextChoices):
    PENDING = "pending", _("Waiting for payment")
    PAID = "paid", _("Paid, to be shipped")
    SHIPPED = "shipped", _("Shipped")
    COMPLETED = "completed", _("Completed")
    CLOSED = "closed", _("Closed")
    REFUNDED = "refunded", _("Refunded")
    UNKNOWN = "unknown", _("Unknown")


WRITTEN = models.Func(F("buyer_message"), F("memo"), F("request"), arg_joiner=" || ' ' || ", function="handover_bigrams")
"""What people wrote about an order, searched by words; names are found through customers, goods through `Goods`."""
TITLE_HASH = models.Func(F("title"), Value(0), function="hashtextextended")
"""What was bought as eight bytes: a title may be long, and thousands of orders have the same."""
HAS_WRITING = ~Q(buyer_message="", memo="", request="")


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, member: Member) -> OrderQuerySet:
        return self.filter(team_id=member.team_id)


class Order(models.Model):
    """One order of one shop. Money in `currency`; instants UTC. `status_text` is the platform's own word.

    `paid` is what was once paid, refunds included; `memo` is the seller's note of the platform, `request` what our agent was asked for.
    `layout` is the source that told the order's money and status, `exported_at` how fresh that is.
    Foreign keys over two columns (`one_team.py` of the migrations) hold shop, customer and team together: an order is never of two teams.
    """

    class Source(models.TextChoices):
        HAND = "hand", _("Logged by hand")
        IMPORT = "import", _("Imported")
        PUSH = "push", _("Pushed by the platform")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="orders", db_index=False, db_constraint=False)
    number = models.CharField(_("order number"), max_length=64)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="orders", db_index=False, db_constraint=False
    )
    status = models.CharField(_("status"), max_length=10, choices=OrderStatus, default=OrderStatus.UNKNOWN)
    status_text = models.CharField(max_length=80, blank=True)
    close_reason = models.CharField(max_length=120, blank=True)
    currency = models.CharField(max_length=3, default="CNY")
    total = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, default=0)
    paid = models.DecimalField(_("paid"), max_digits=14, decimal_places=2, default=0)
    freight = models.DecimalField(_("freight"), max_digits=14, decimal_places=2, default=0)
    refunded = models.DecimalField(_("refunded"), max_digits=14, decimal_places=2, default=0)
    placed_at = models.DateTimeField(_("placed"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    shipped_at = models.DateTimeField(_("shipped"), null=True, blank=True)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    buyer = models.CharField(_("buyer's handle"), max_length=160, blank=True)
    recipient = models.CharField(_("recipient"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=400, blank=True)
    courier = models.CharField(_("courier"), max_length=80, blank=True)
    tracking = models.CharField(_("tracking number"), max_length=120, blank=True)
    title = models.CharField(_("what was bought"), max_length=300, blank=True)
    buyer_message = models.TextField(_("buyer's message"), blank=True)
    memo = models.TextField(_("seller's note"), blank=True, db_default="", default="")
    request = models.TextField(_("special request"), blank=True)
    sold_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="sales", db_index=False, verbose_name=_("sold by")
    )
    source = models.CharField(max_length=6, choices=Source, default=Source.HAND)
    layout = models.CharField(max_length=40, blank=True, db_default="", default="")
    exported_at = models.DateTimeField(null=True, blank=True)
    logged_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "number"], name="order_number_is_unique_in_its_shop"),
            models.CheckConstraint(
                condition=Q(paid__gte=0, refunded__gte=0, total__gte=0, freight__gte=0), name="order_money_is_not_negative"
            ),
            models.CheckConstraint(condition=~Q(number=""), name="order_has_a_number"),
        ]
        indexes = [
            models.Index(fields=["team", "-placed_at", "-id"], name="order_newest"),
            models.Index("team", OpClass("number", name="varchar_pattern_ops"), name="order_by_number"),  # equality and prefixes
            models.Index(fields=["team", "phone"], condition=~Q(phone=""), name="order_by_phone"),
            models.Index(fields=["customer", "-placed_at", "-id"], name="order_of_customer"),
            models.Index(fields=["team", "tracking"], condition=~Q(tracking=""), name="order_by_tracking"),
            models.Index(fields=["team", "paid_at"], condition=Q(paid_at__isnull=False), name="order_by_payment"),
            models.Index(fields=["sold_by", "-placed_at"], condition=Q(sold_by__isnull=False), name="order_by_seller"),
            GinIndex(WRITTEN, condition=HAS_WRITING, name="order_written"),
            models.Index("team", TITLE_HASH, F("placed_at").desc(), condition=~Q(title=""), name="order_by_title"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """One product of an order. `key` tells lines of one order apart (the platform's sub-order number, or sku and position)."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    key = models.CharField(max_length=120)
    sku = models.CharField(_("SKU"), max_length=120, blank=True)
    title = models.CharField(_("product"), max_length=300)
    spec = models.CharField(_("variant"), max_length=300, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=2, default=0)
    paid = models.DecimalField(_("paid"), max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["order", "key"], name="order_line_key_is_unique")]

    def __str__(self) -> str:
        return f"{self.title} × {self.quantity}"


class Goods(models.Model):
    """What a team's orders were for, each wording once: words are found here and lead to the orders that have it, however old.

    The database adds a wording with the first order that has it (trigger `goods_of_orders`, `order.py` of the migrations).
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)
    title = models.CharField(max_length=300)
    search = models.GeneratedField(
        expression=models.Func(F("title"), function="handover_bigrams"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "title"], name="goods_are_named_once")]
        indexes = [GinIndex(fields=["search"], name="goods_search")]

    def __str__(self) -> str:
        return self.title


class Layout(models.Model):
    """How a shop's own spreadsheet is read, chosen once by a manager: field → column (`sources.mapped.FIELDS`).

    A file is known again by the fingerprint of its header, whatever order its columns stand in.
    """

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False)
    fingerprint = models.CharField(max_length=64)
    columns = models.JSONField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "fingerprint"], name="layout_is_chosen_once_per_shop"),
            models.CheckConstraint(condition=Q(columns__has_key="number"), name="layout_names_the_order_number"),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id}: {self.fingerprint[:8]}"


class PushDoor(models.Model):
    """Where a shop's platform may send its orders: a secret address, and the key its messages are signed with (sealed, `web.sealed`).

    `domain` is the platform's own name of the shop; `last_*` tell a manager whether anything arrives.
    """

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    shop = models.OneToOneField(Shop, models.CASCADE, related_name="+")
    token = models.CharField(max_length=64, unique=True)
    domain = models.CharField(max_length=255)
    secret = models.TextField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)
    last_topic = models.CharField(max_length=60, blank=True)
    last_problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(token="") & ~Q(domain="") & ~Q(secret=""), name="push_door_is_locked")]

    def __str__(self) -> str:
        return self.domain


class Pushed(models.Model):
    """A platform's own id of an order, and the refunds it has told of, so that each counts once whichever message comes first.

    `order` is empty while only a refund was told. `refunds`: refund id → amount as text, in the order's currency.
    """

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+", db_index=False)
    external_id = models.CharField(max_length=64)
    order = models.OneToOneField(Order, models.PROTECT, null=True, related_name="pushed")
    refunds = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="pushed_order_is_known_once")]

    def __str__(self) -> str:
        return self.external_id


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, member: Member) -> ImportQuerySet:
        return self.filter(team_id=member.team_id)

    def unfinished(self) -> ImportQuerySet:
        return self.filter(state__in=[Import.State.WAITING, Import.State.RUNNING])


class Import(models.Model):
    """One file on its way in. A job reads it; the counters move as it goes.

    An empty `kind`: nobody has said yet what its columns are. `layout` is what a manager said of them.
    `rows` are data rows read, `orders` the orders found in them; `done` is how far, in the file's own order of orders, the
    writing has come (it moves in the same transaction as the orders it counts, so a killed run goes on where it stopped).
    `created`, `updated`, `unchanged`, `older` count orders; `problems` rows that stayed out, `reviews` rows somebody should look at.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("To be confirmed")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=40)
    layout = models.ForeignKey(Layout, models.PROTECT, null=True, related_name="+")
    file = models.FileField(upload_to="imports/%Y/%m/")
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(default=0)
    dry_run = models.BooleanField(default=False)
    exported_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    rows = models.PositiveBigIntegerField(default=0)
    orders = models.PositiveBigIntegerField(db_default=0, default=0)
    done = models.PositiveBigIntegerField(db_default=0, default=0)
    created = models.PositiveBigIntegerField(default=0)
    updated = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    older = models.PositiveBigIntegerField(db_default=0, default=0)
    customers = models.PositiveBigIntegerField(db_default=0, default=0)
    problems = models.PositiveBigIntegerField(default=0)
    reviews = models.PositiveBigIntegerField(db_default=0, default=0)
    error = models.TextField(blank=True)
    by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["team", "-id"], name="import_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)


class ImportProblem(models.Model):
    """A finding about a row: its line in the file, the column, why, and the row itself. Codes: `sources.problems.REASONS`."""

    run = models.ForeignKey(Import, models.CASCADE, related_name="problem_rows", db_index=False)
    line = models.PositiveBigIntegerField()
    column = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=40)
    value = models.CharField(max_length=300, blank=True)
    row = models.JSONField(default=list)

    class Meta:
        ordering = ["line", "id"]
        indexes = [models.Index(fields=["run", "line", "id"], name="import_problem_by_line")]

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"
