"""How times, money and phone numbers read on a page, in the reader's language and the team's time zone.

Every function takes aware instants and an optional `now`; the active time zone and language are Django's current ones.
"""

import datetime as dt
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent
from django.utils import timezone
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _
from markupsafe import Markup

from tickets.people.models import Role

SOON = dt.timedelta(hours=1)
# Latin and Chinese patterns: weekday, day, month, without the comma that CLDR would put in
_DAY = {"en": "EEE d MMM", "zh": "M月d日 EEE"}
_YEAR = {"en": "EEE d MMM y", "zh": "y年M月d日 EEE"}


def locale() -> Locale:
    """The Babel locale of the active language (`zh-hans` → zh_Hans)."""
    return _locale(get_language() or "en")


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(to_locale(language))


def _local(at: dt.datetime) -> dt.datetime:
    return timezone.localtime(at)


def _pattern(at: dt.datetime, now: dt.datetime) -> str:
    here = locale().language
    if at.date() == now.date():
        return "HH:mm"
    days = _DAY if abs(at - now) < dt.timedelta(days=300) else _YEAR
    return f"{days.get(here, days['en'])} HH:mm"


@lru_cache(maxsize=4096)
def _formatted(local: dt.datetime, zone: str, pattern: str, language: str) -> str:
    """A list says the same few instants many times. `zone` and `language` are what else the words depend on."""
    return format_datetime(local, pattern, locale=_locale(language))


def clock_text(at: dt.datetime, now: dt.datetime | None = None) -> str:
    """`17:00` on the current local day, `Sat 21 Nov 17:00` on another, with the year when far away."""
    local, here = _local(at), _local(now or timezone.now())
    return _formatted(local, str(local.tzinfo), _pattern(local, here), get_language() or "en")


def full_text(at: dt.datetime) -> str:
    """The whole instant with weekday and time zone, for titles and screen readers."""
    local = _local(at)
    return _formatted(local, str(local.tzinfo), "EEEE d MMMM y HH:mm z" if locale().language == "en" else "full", get_language() or "en")


def time_tag(at: dt.datetime, text: str, css: str = "", relative: bool = False) -> Markup:
    """A `<time>` element; `relative` asks the browser to keep the text fresh (static/js/clock.js)."""
    return Markup('<time datetime="{}" title="{}"{}{}>{}</time>').format(
        at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        full_text(at),
        Markup(' class="{}"').format(css) if css else "",
        Markup(" data-relative") if relative else "",
        text,
    )


def clock(at: dt.datetime | None, now: dt.datetime | None = None) -> Markup:
    """An aware instant as a `<time>`: `HH:MM` today, with its date otherwise; nothing for None."""
    return time_tag(at, clock_text(at, now)) if at else Markup("")


def until(at: dt.datetime | None, now: dt.datetime | None = None) -> Markup:
    """The end of a shift, read as an end: the next midnight is `24:00`, as people say it."""
    if not at:
        return Markup("")
    local, here = _local(at), _local(now or timezone.now())
    ends_today = local.time() == dt.time(0) and (local - dt.timedelta(seconds=1)).date() == here.date()
    return time_tag(at, "24:00" if ends_today else clock_text(at, now))


def clock_of_day(at: dt.datetime | None) -> Markup:
    """Only `17:00`, where the day is said beside it."""
    return time_tag(at, f"{_local(at):%H:%M}") if at else Markup("")


def until_of_day(at: dt.datetime | None) -> Markup:
    """Only `24:00`, as the end of a shift whose day is said beside it."""
    return time_tag(at, "24:00" if _local(at).time() == dt.time(0) else f"{_local(at):%H:%M}") if at else Markup("")


def field_value(at: dt.datetime | None) -> str:
    """An instant as `<input type="datetime-local">` wants it: local, to the minute."""
    return f"{_local(at):%Y-%m-%dT%H:%M}" if at else ""


def instant(text: str | None) -> dt.datetime | None:
    """An RFC 3339 text, as JSON keeps it, as an instant again."""
    return dt.datetime.fromisoformat(text) if text else None


def is_past(at: dt.datetime | None) -> bool:
    return at is not None and at <= timezone.now()


def ago(at: dt.datetime | None, now: dt.datetime | None = None) -> Markup:
    """`5 min ago`, `in 2 hr`; kept fresh by the browser."""
    if not at:
        return Markup("")
    delta = at - (now or timezone.now())
    if abs(delta) < dt.timedelta(minutes=1):
        return time_tag(at, _("just now"), relative=True)
    text = format_timedelta(delta, add_direction=True, format="short", threshold=1.5, locale=locale())
    return time_tag(at, text, relative=True)


def span(delta: dt.timedelta) -> str:
    """A length of time, short: `12 min`, `3 hr`."""
    return format_timedelta(delta, format="short", threshold=1.5, granularity="minute", locale=locale())


def due_state(at: dt.datetime, now: dt.datetime | None = None) -> str:
    """`overdue` (its instant has come), `soon` (within the hour) or `later`."""
    left = at - (now or timezone.now())
    if left <= dt.timedelta(0):
        return "overdue"
    return "soon" if left <= SOON else "later"


def due_text(at: dt.datetime, now: dt.datetime | None = None) -> str:
    """What the due chip says: how late, how soon, or by when."""
    now = now or timezone.now()
    state = due_state(at, now)
    if state == "overdue":
        return _("overdue %(span)s") % {"span": span(now - at)}
    if state == "soon":
        return _("in %(span)s") % {"span": span(at - now)}
    return _("by %(time)s") % {"time": clock_text(at, now)}


def day(value: dt.date | dt.datetime | None) -> str:
    """A date with its weekday; an instant is taken on its local day."""
    if value is None:
        return ""
    date = _local(value).date() if isinstance(value, dt.datetime) else value
    return format_datetime(dt.datetime.combine(date, dt.time()), _YEAR.get(locale().language, _YEAR["en"]), locale=locale())


def weekday(value: dt.date) -> str:
    """A day of a week's grid: `Mon 16 Nov`, `11月16日 周一`."""
    return format_datetime(dt.datetime.combine(value, dt.time()), _DAY.get(locale().language, _DAY["en"]), locale=locale())


def wall(at: dt.datetime) -> str:
    """What the team's clocks show at an instant, without its day: `17:00`."""
    return f"{_local(at):%H:%M}"


def role_names(member: object) -> str:
    """A member's roles in words."""
    return _(", ").join(str(Role(role).label) for role in member.roles)


def money(amount: Decimal | str | int | None, currency: str = "CNY") -> str:
    """An amount with its currency sign, by locale; rounding is the caller's: more digits than the currency has are shown."""
    if amount is None:
        return ""
    return format_currency(Decimal(str(amount)), currency, locale=locale(), decimal_quantization=False)


def number(value: Decimal | int | float | None, digits: int | None = None) -> str:
    """A number with the locale's separators; `digits` fixes the fraction."""
    if value is None:
        return ""
    if digits is not None:
        value = round(Decimal(str(value)), digits)
        return format_decimal(value, "#,##0." + "0" * digits if digits else "#,##0", locale=locale())
    return format_decimal(value, locale=locale())


def percent(share: Decimal | float | None, digits: int = 1) -> str:
    """A share (0.018) as `1.8 %`; nothing for None."""
    return "" if share is None else format_percent(round(Decimal(str(share)), digits + 2), "#,##0." + "0" * digits + " %", locale=locale())


def mask_phone(phone: str | None) -> str:
    """`138****5678`: the first three and last four digits of a long number, only the last two of a short one."""
    text = (phone or "").strip()
    if len(text) < 9:
        return "*" * max(len(text) - 2, 0) + text[-2:]
    return f"{text[:-8]}****{text[-4:]}"


def initials(name: str) -> str:
    """One or two letters for an avatar: two initials of a Latin name, the last character of a Chinese one (小李 → 李)."""
    words = (name or "").split()
    if not words:
        return "?"
    if words[0][0].isascii():
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
    return words[-1][-1]


FILTERS = {
    f.__name__: f
    for f in (
        *(clock, clock_of_day, clock_text, full_text, until, until_of_day, ago, span, day, weekday, wall),
        *(field_value, instant, is_past, due_state, due_text),
        *(money, number, percent, mask_phone, initials, role_names),
    )
}
