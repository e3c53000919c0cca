#!/bin/sh
# Fetch the few foreign files that the pages stand on, from npm, at the versions written here.
# Run it from the project's root after changing a version, look at the diff, commit.
set -eu
HTMX=4.0.1 AXE=4.14.1 ICONS=3.51.0
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
unpack() { mkdir "$work/$2" && (cd "$work" && npm pack --silent "$1" >"$2.name") && tar xzf "$work/$(tail -1 "$work/$2.name")" -C "$work/$2" --strip-components 1; }

unpack "htmx.org@$HTMX" htmx
# the map comment would make browsers ask for a file that is not served
sed '/^\/\/# sourceMappingURL=/d' "$work/htmx/dist/htmx.min.js" >static/vendor/htmx.min.js
cp "$work/htmx/LICENSE" static/vendor/htmx.LICENSE

unpack "axe-core@$AXE" axe
cp "$work/axe/axe.min.js" tests/vendor/axe.min.js
cp "$work/axe/LICENSE" tests/vendor/axe.LICENSE

unpack "@tabler/icons@$ICONS" icons
cp "$work/icons/LICENSE" templates/_parts/icons/LICENSE
while read -r ours theirs; do
  # only the paths are kept; handover/shell/icons.py writes the svg element around them
  sed -n '/^ *<\(path\|circle\|line\|rect\|polyline\|ellipse\)/p' "$work/icons/icons/outline/$theirs.svg" |
    grep -v 'M0 0h24v24H0z' | sed 's/^ *//' | tr -d '\n' >"templates/_parts/icons/$ours.svg"
done <templates/_parts/icons/list.txt
