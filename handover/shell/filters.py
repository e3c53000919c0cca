"""How times, money and phone numbers read on a page, in the reader's language and the team's time zone.

Every function takes aware instants and an optional `now`; the active time zone and language are Django's current ones.
"""

import datetime as dt
import re
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent
from django.utils import timezone
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from handover.shell.icons import icon
from tickets.people.models import Role
from tickets.web.when import written

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


def _pattern(at: dt.datetime, today: dt.date, language: str) -> str:
    if at.date() == today:
        return "HH:mm"
    days = _DAY if abs(at.date() - today) < dt.timedelta(days=300) else _YEAR
    return f"{days.get(language, days['en'])} HH:mm"


@lru_cache(maxsize=4096)
def _clock_text(at: dt.datetime, zone: dt.tzinfo, today: dt.date, language: str) -> str:
    """A list says the same few instants many times. `zone`, `today` and `language` are what else the words depend on."""
    local, here = at.astimezone(zone), _locale(language)
    return format_datetime(local, _pattern(local, today, here.language), locale=here)


def clock_text(at: dt.datetime, now: dt.datetime | None = None) -> str:
    """`17:00` on the current local day, `Sat 21 Nov 17:00` on another, with the year when far away."""
    zone = timezone.get_current_timezone()
    return _clock_text(at, zone, (now or timezone.now()).astimezone(zone).date(), get_language() or "en")


@lru_cache(maxsize=4096)
def _full_text(at: dt.datetime, zone: dt.tzinfo, language: str) -> str:
    here = _locale(language)
    return format_datetime(at.astimezone(zone), "EEEE d MMMM y HH:mm z" if here.language == "en" else "full", locale=here)


def full_text(at: dt.datetime) -> str:
    """The whole instant with weekday and time zone, for titles and screen readers."""
    return _full_text(at, timezone.get_current_timezone(), get_language() or "en")


@lru_cache(maxsize=4096)
def _attributes(at: dt.datetime, zone: dt.tzinfo, language: str) -> str:
    """What every `<time>` of an instant says beside its words."""
    utc = at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f'datetime="{utc}" title="{escape(_full_text(at, zone, language))}"'


def time_tag(at: dt.datetime, text: str, *, css: str = "", mark: str = "", inside: str = "") -> Markup:
    """A `<time>` element. With `mark` (`data-relative`, `data-due`) the browser keeps the text fresh (static/js/clock.js); `inside` is
    markup of ours before the words, which then have an element of their own.

    Written out, not filled into a `Markup` pattern: a page has fifty of them, and that would take three times as long.
    """
    attributes = _attributes(at, timezone.get_current_timezone(), get_language() or "en")
    words = f"{inside}<span>{escape(text)}</span>" if inside else escape(text)
    classes = f'class="{css}" ' if css else ""
    return Markup(f"<time {classes}{attributes}{mark and ' ' + mark}>{words}</time>")  # noqa: S704 - what is not ours is escaped


def clock(at: dt.datetime | None, now: dt.datetime | None = None) -> Markup:
    """An aware instant as a `<time>`: `HH:MM` today, with its date otherwise; nothing for None."""
    return time_tag(at, clock_text(at, now)) if at else Markup("")


_KEPT_TIME = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d)\)$")


def said_time(line: str, now: dt.datetime | None = None) -> str:
    """A line that was kept with its local time at its end, `(2026-11-21 19:30)`, with that time as the reader's language says it."""
    found = _KEPT_TIME.search(line)
    try:
        at = timezone.make_aware(dt.datetime.fromisoformat(found[1])) if found else None
    except ValueError:  # somebody else's brackets
        at = None
    return f"{line[: found.start()]}({clock_text(at, now)})" if found and at else line


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
    near = abs(delta) < dt.timedelta(minutes=1)
    return time_tag(at, _("just now") if near else _spoken(delta, directed=True), mark="data-relative")


def span(delta: dt.timedelta) -> str:
    """A length of time, short: `12 min`, `3 hr`."""
    return _spoken(delta)


MINUTE = 60
STEPS = ((90 * MINUTE, MINUTE), (36 * 60 * MINUTE, 60 * MINUTE))
"""Below how many seconds a length is said to the minute, and to the hour; longer ones to the day."""


def _spoken(delta: dt.timedelta, *, directed: bool = False) -> str:
    """Rounded before it is put into words, at least a minute: there are few different ones, and each takes long to word."""
    seconds = abs(delta.total_seconds())
    step = next((step for below, step in STEPS if seconds < below), 24 * 60 * MINUTE)
    rounded = max(round(seconds / step) * step, MINUTE) if seconds else 0
    return _length(-rounded if delta < dt.timedelta(0) else rounded, directed, get_language() or "en")


@lru_cache(maxsize=4096)
def _length(seconds: int, directed: bool, language: str) -> str:
    how = {"add_direction": directed, "format": "short", "threshold": 1.5, "granularity": "minute"}
    return format_timedelta(dt.timedelta(seconds=seconds), locale=_locale(language), **how)


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


DUE_ICONS = {"overdue": "alert", "soon": "alarm", "later": "clock"}


def due_tag(at: dt.datetime) -> Markup:
    """The chip that says when something is due, by shape, word and time; kept fresh by the browser."""
    now = timezone.now()
    state = due_state(at, now)
    return time_tag(at, due_text(at, now), css=f"due {state}", mark="data-due", inside=icon(DUE_ICONS[state], size=14))


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
    return _number(value if digits is None else round(Decimal(str(value)), digits), digits, get_language() or "en")


@lru_cache(maxsize=8192)
def _number(value: Decimal | int | float, digits: int | None, language: str) -> str:
    """A table says the same few numbers many times, and to word one costs more than to compute it."""
    if digits is None:
        return format_decimal(value, locale=_locale(language))
    return format_decimal(value, "#,##0." + "0" * digits if digits else "#,##0", locale=_locale(language))


def percent(share: Decimal | float | None, digits: int = 1) -> str:
    """A share (0.018) as `1.8 %`; nothing for None."""
    return "" if share is None else _percent(round(Decimal(str(share)), digits + 2), digits, get_language() or "en")


@lru_cache(maxsize=8192)
def _percent(share: Decimal, digits: int, language: str) -> str:
    return format_percent(share, "#,##0." + "0" * digits + " %", locale=_locale(language))


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
        *(clock, clock_of_day, clock_text, full_text, said_time, until, until_of_day, ago, span, day, weekday, wall),
        *(field_value, written, instant, is_past, due_state, due_text, due_tag),
        *(money, number, percent, mask_phone, initials, role_names),
    )
}
