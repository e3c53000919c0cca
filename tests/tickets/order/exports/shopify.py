"""Shopify: an order's first row, and a row for each further line."""

from __future__ import annotations

from collections.abc import Iterator

from .files import Row, names

_SHOPIFY_LINE = names(
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping",
    "Lineitem taxable,Lineitem fulfillment status",
)
_SHOPIFY_PLACE = [
    f"{who} {what}"
    for who in ("Billing", "Shipping")
    for what in names("Name,Street,Address1,Address2,Company,City,Zip,Province,Country,Phone")
]
_SHOPIFY_TAXES = [f"Tax {place} {what}" for place in range(1, 6) for what in ("Name", "Value")]
_SHOPIFY_HEAD = names(
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes",
    "Total,Discount Code,Discount Amount,Shipping Method,Created at",
)
_SHOPIFY_MIDDLE = ["Notes", "Note Attributes", "Cancelled at", "Payment Method", "Payment Reference", "Refunded Amount", "Vendor"]
_SHOPIFY_TAIL = [
    "Id",
    "Tags",
    "Risk Level",
    "Source",
    "Lineitem discount",
    *_SHOPIFY_TAXES,
    "Phone",
    "Receipt Number",
    "Duties",
    "Billing Province Name",
    "Shipping Province Name",
]
SHOPIFY_73 = [
    *_SHOPIFY_HEAD,
    *_SHOPIFY_LINE,
    *_SHOPIFY_PLACE,
    *_SHOPIFY_MIDDLE,
    *_SHOPIFY_TAIL,
    "Payment Terms Name",
    "Next Payment Due At",
]
SHOPIFY_79 = [
    *_SHOPIFY_HEAD,
    *_SHOPIFY_LINE,
    *_SHOPIFY_PLACE,
    *_SHOPIFY_MIDDLE,
    "Outstanding Balance",
    "Employee",
    "Location",
    "Device ID",
    *_SHOPIFY_TAIL,
    "Payment ID",
    "Payment Terms Name",
    "Next Payment Due At",
    "Payment References",
]
SHOPIFY = {73: SHOPIFY_73, 79: SHOPIFY_79}


def shopify(count: int, items: int = 2, *, first: int = 0) -> Iterator[Row]:
    for place in range(first, first + count):
        name, email = f"#HO-{1000 + place}", f"buyer{place}@example.com"
        placed = "2026-05-31 23:06:05 -0700"
        for item in range(items):
            row = {
                "Name": name,
                "Email": email,
                "Created at": placed,
                "Lineitem quantity": str(item + 1),
                "Lineitem name": f"Leash {item}",
                "Lineitem price": "12.50",
                "Lineitem sku": f"LEASH-{item}",
                "Lineitem fulfillment status": "fulfilled",
                "Lineitem discount": "0.00",
                "Vendor": "House",
            }
            if item == 0:
                row |= {
                    "Financial Status": ("paid", "partially_refunded", "refunded", "pending", "voided")[place % 5],
                    "Fulfillment Status": ("fulfilled", "unfulfilled", "partial")[place % 3],
                    "Paid at": placed,
                    "Currency": "USD",
                    "Shipping": "4.00",
                    "Total": "41.50",
                    "Refunded Amount": "41.50" if place % 5 == 2 else "10.00" if place % 5 == 1 else "0.00",
                    "Shipping Name": "Lane Example",
                    "Shipping Street": "1 Example Street",
                    "Shipping City": "Springfield",
                    "Shipping Zip": "'04321",
                    "Shipping Country": "US",
                    "Shipping Phone": "(504) 696-1221",
                    "Id": str(5_000_000_000_000 + place),
                }
            yield row
