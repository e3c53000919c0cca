#!/bin/sh
# Collects the texts of code and pages into locale/, keeps the translations there are, and compiles them. Twice is once: the files
# carry no places in the code and keep their dates, so that they change only when a text does.
# Babel leaves out folders that begin with _ unless told otherwise; templates/_parts holds half of our words, hence --ignore-dirs.
set -eu
BIN=${VENV:-.venv}/bin
mkdir -p locale
POT=$(mktemp)
trap 'rm -f "$POT"' EXIT
"$BIN/pybabel" -q extract -F babel.cfg --ignore-dirs '.*' --no-location --sort-output --omit-header \
    -k _ -k gettext_lazy -k ngettext_lazy:1,2 -k pgettext_lazy:1c,2 -k npgettext_lazy:1c,2,3 -o "$POT" handover tickets templates
for language in zh_Hans zh_Hant; do
    "$BIN/pybabel" -q update -D django -i "$POT" -d locale -l "$language" --init-missing --ignore-pot-creation-date --no-fuzzy-matching \
        --ignore-obsolete 2>&1 | grep -v -e 'more translations than num_plurals' -e 'Problem on line' || true
done
"$BIN/python" -m handover.server.translations
