#!/bin/sh
# Collects the texts of code and pages into locale/, keeps the translations there are, and compiles them.
# Babel leaves out folders that begin with _ unless told otherwise; templates/_parts holds half of our words, hence --ignore-dirs.
set -eu
BIN=${VENV:-.venv}/bin
mkdir -p locale
"$BIN/pybabel" -q extract -F babel.cfg --ignore-dirs '.*' --no-location --sort-output --project=Handover --version=1 \
    -k _ -k gettext_lazy -k ngettext_lazy:1,2 -k pgettext_lazy:1c,2 -k npgettext_lazy:1c,2,3 -o locale/django.pot handover tickets templates
for language in zh_Hans zh_Hant; do
    if [ -f "locale/$language/LC_MESSAGES/django.po" ]; then
        "$BIN/pybabel" -q update -D django -i locale/django.pot -d locale -l "$language" --no-fuzzy-matching --ignore-obsolete
    else
        "$BIN/pybabel" -q init -D django -i locale/django.pot -d locale -l "$language"
    fi
done
"$BIN/python" -m handover.server.translations
