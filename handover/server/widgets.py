"""How form fields are drawn: ours by Jinja2; widgets that come in Django's own language only (the admin site's) as they are."""

from typing import Any

from django.forms.renderers import DjangoTemplates, Jinja2
from django.template import TemplateDoesNotExist


class Renderer(Jinja2):
    """Settings: FORM_RENDERER."""

    as_shipped = DjangoTemplates()

    def get_template(self, template_name: str) -> Any:
        try:
            return super().get_template(template_name)
        except TemplateDoesNotExist:
            return self.as_shipped.get_template(template_name)
