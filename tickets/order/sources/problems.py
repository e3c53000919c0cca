"""Why a row did not come in, or came in with a doubt. Codes are stored; the sentences are made when shown."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

REASONS = {
    # the row stays out
    "id_missing": _("The order number is empty."),
    "id_damaged": _("A spreadsheet has rounded this number; its last digits are lost. Export again and import the file unopened."),
    "id_unreadable": _("This is not an order number."),
    "money_unreadable": _("This is not an amount."),
    "money_negative": _("An amount is below zero."),
    "quantity_unreadable": _("This is not a number of pieces."),
    "time_unreadable": _("This is not a date and time."),
    "too_many_cells": _("The row has more cells than the header; a comma or a quote is out of place."),
    "order_row_missing": _("The row continues an order whose first row is not above it."),
    "document_unreadable": _("This part of the document cannot be read."),
    "order_unknown": _("The order is not known yet. Import the order list first, then this file again."),
    "account_missing": _("This row names no account."),
    "day_unreadable": _("This is not a day. One row is one day of one account."),
    "day_repeated": _("A later row tells this day of the account differently; that one counts."),
    # the whole file
    "file_empty": _("The file is empty."),
    "file_too_large": _("The workbook is too large. Save it as csv or xlsx."),
    "layout_unknown": _("No known export has these columns."),
    "encoding_unknown": _("The text encoding is not one we can read. Save it as UTF-8."),
    "workbook_broken": _("The workbook cannot be read."),
    "rows_apart": _("The sheet has a value far below its table. Delete the empty rows and try again."),
    "too_many_columns": _("The sheet has more than 702 columns."),
    "quote_open": _("From this line on a quotation mark is never closed."),
    # the row is in, and somebody should look
    "status_unknown": _("The order came in, but its status is a word we do not know."),
    "two_customers": _(
        "The order came in under its buyer's account, but the phone or e-mail belongs to another customer. Are the two one person?"
    ),
    "payment_status_unknown": _("The payment came in, but its status is a word we do not know, so it is not counted."),
    "figure_unreadable": _("This is not a figure and was left out; the rest of the row is in."),
    "older_export": _("What is stored comes from a newer export; the row changed nothing."),
}

REVIEW = frozenset({"id_damaged", "status_unknown", "two_customers", "payment_status_unknown"})
"""What a person should look at."""

CAME_IN = frozenset({"status_unknown", "two_customers", "older_export", "payment_status_unknown", "figure_unreadable"})
"""Findings about rows that were taken all the same."""
