"""The Jinja2 environment of all our pages (settings: TEMPLATES → environment `handover.jinja.environment`)."""

import uuid
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from jinja2 import Environment, Undefined, pass_context
from markupsafe import Markup

from handover.shell.charts import line_chart, share, spark
from handover.shell.filters import FILTERS
from handover.shell.icons import icon
from handover.shell.parts import Parts
from handover.shell.places import bar_load, first_url, open_url, places, url_or_none
from handover.shell.pulse import pulse_url
from handover.shell.tours import offers_tour
from tickets.people.access import may
from tickets.web.sheets import file_address
from tickets.web.undo import undo_of

THEMES = ("auto", "light", "dark")
_HTML_LANG = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}


def environment(**options) -> Environment:
    """The environment Django's Jinja2 backend asks for. A missing variable renders as nothing, also in DEBUG."""
    options["undefined"] = Undefined
    env = Environment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"], **options)  # noqa: S701 - autoescape is in options
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext, npgettext=translation.npgettext
    )
    env.globals.update(_=gettext, gettext=gettext)
    env.filters.update({name: _never_folded(function) for name, function in FILTERS.items()})
    env.filters.update(spark=spark, share=share, line_chart=line_chart)
    env.globals.update(
        ui=Parts(env),
        still=_still(env),
        options_html=options_html,
        url=url,
        url_or_none=url_or_none,
        first_url=first_url,
        may=may,
        open_url=open_url,
        static=cache(static) if settings.HASHED_STATIC else static,
        icon=icon,
        form_key=form_key,
        file_address=file_address,
        flashes=flashes,
        undo_of=undo_of,
        places=places,
        bar_load=bar_load,
        pulse_url=pulse_url,
        offers_tour=offers_tour,
        theme=theme,
        lang=lang,
        text_direction=text_direction,
        now=timezone.now,
    )
    return env


def _still(env: Environment) -> Callable[..., Markup]:
    """`still(template, **context)`: a part that is the same on every page of a language, rendered once for each (each time while
    developing). The `context` is alike each time; what belongs to a reader must not be in it."""
    kept: dict[tuple[str, str | None], Markup] = {}

    def still(name: str, **context: object) -> Markup:
        key = name, translation.get_language()
        if env.auto_reload or key not in kept:
            kept[key] = Markup(env.get_template(name).render(context))  # noqa: S704 - our own template, escaped as every other
        return kept[key]

    return still


def _never_folded(function: Callable) -> Callable:
    """Keep Jinja2 from computing a filter on a constant once, at compile time, in the language of that moment."""

    @pass_context
    def filtered(_context, *args, **kwargs):
        return function(*args, **kwargs)

    return filtered


def gettext(message: str, **values: object) -> Markup:
    """`_("by %(time)s", time=at)`, as Jinja2's own does it for markup: the words are ours, `values` are escaped."""
    language = translation.get_language()
    return _pattern(language, message) % values if values else _sentence(language, message)


@lru_cache(maxsize=20_000)
def _pattern(_language: str | None, message: str) -> Markup:
    """Looked up once for a language: a list asks for the same ten words fifty times."""
    return Markup(translation.gettext(message))  # noqa: S704 - our own texts


@lru_cache(maxsize=20_000)
def _sentence(language: str | None, message: str) -> Markup:
    return _pattern(language, message) % {}


def options_html(options: Iterable[tuple[object, object]], value: object) -> Markup:
    """The `<option>`s of a select: (value, label) pairs, or (group label, [(value, label), …]) for groups."""
    return _options(tuple((key, _settled(text)) for key, text in options), str(value))


def _settled(text: object) -> object:
    """A lazily translated text as it reads now, a group as a tuple: what can be remembered."""
    if isinstance(text, list | tuple):
        return tuple((key, _settled(one)) for key, one in text)
    return text if isinstance(text, str) else str(text)


@lru_cache(maxsize=256)
def _options(pairs: tuple[tuple[object, Any], ...], value: str) -> Markup:
    """The same two hundred names stand in the filters of page after page: they are written out once."""
    return Markup("\n").join(
        Markup('<optgroup label="{}">{}</optgroup>').format(key, _options(text, value))
        if isinstance(text, tuple)
        else Markup('<option value="{}"{}>{}</option>').format(key, Markup(" selected") if str(key) == value else "", text)
        for key, text in pairs
    )


def url(name: str, *args: object, **kwargs: object) -> str:
    """`url('ticket:show', pk=7)` or `url('duty:show', 7)`; an unknown name raises NoReverseMatch."""
    if len(args) + len(kwargs) == 1:
        [(key, value)] = kwargs.items() or [("", args[0])]
        if isinstance(value, int):
            before, after = _around(name, key)
            return f"{before}{value}{after}"
    return reverse(name, args=args, kwargs=kwargs)


@cache
def _around(name: str, key: str) -> tuple[str, str]:
    """What stands before and after a row's number in its address, so that fifty rows ask the resolver once."""
    found = reverse(name, kwargs={key: _NUMBER}) if key else reverse(name, args=[_NUMBER])
    before, _found, after = found.partition(str(_NUMBER))
    return before, after


_NUMBER = 987_654_321


def form_key() -> Markup:
    """The hidden field that makes a POST safe to repeat: the second click gets the first answer."""
    return Markup(f'<input type="hidden" name="idempotency_key" value="{uuid.uuid4()}">')  # noqa: S704 - nothing of anybody's


def flashes(request: HttpRequest | None) -> Iterable[Message]:
    """What Django's messages framework has for this reader; read once, then gone."""
    return get_messages(request) if request and hasattr(request, "_messages") else ()


def theme(request: HttpRequest | None) -> str:
    """`auto`, `light` or `dark`, as this device chose (cookie `theme`, written by static/js/theme.js)."""
    chosen = request.COOKIES.get("theme", "auto") if request else "auto"
    return chosen if chosen in THEMES else "auto"


def lang() -> str:
    """The active language as HTML wants it (`zh-Hans`)."""
    code = translation.get_language() or "en"
    return _HTML_LANG.get(code, code)


def text_direction() -> str:
    """`rtl` or `ltr`, of the active language."""
    return "rtl" if translation.get_language_bidi() else "ltr"
