"""`python -m bench [--sizes 10000,1000000] [--orders N] [--only NAME] [--imports] [--upkeep]`: load, serve, ask, print, keep as JSON.

Every figure is a median over repeated rounds in which the bare page is asked in turn with the measured one, so that a machine that
slows down slows both: what counts is the ratio. The JSON lies under var/bench/.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

SIZES = (10_000, 100_000, 1_000_000)
VAR = Path("var/bench")


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--sizes", default=",".join(map(str, SIZES)), help="tickets; three times as many orders are loaded")
    options.add_argument("--orders", type=int, default=0, help="load this many orders instead, and a form for every tenth ticket only")
    options.add_argument("--only", default="", help="measure only the pages whose name contains this")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--imports", action="store_true", help="measure only how fast files of orders come in")
    options.add_argument("--upkeep", action="store_true", help="measure only what keeping the reports' figures costs those who write")
    options.add_argument("--size", type=int, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.size:
        return one_size(asked.size, asked.orders, asked.only, asked.rounds)
    VAR.mkdir(parents=True, exist_ok=True)
    if asked.imports:
        return imports()
    if asked.upkeep:
        return upkeep()
    for size in map(int, asked.sizes.split(",")):
        command = [sys.executable, "-m", "bench", "--size", str(size), "--orders", str(asked.orders)]
        command += ["--only", asked.only, "--rounds", str(asked.rounds)]
        code = subprocess.run(command, env=os.environ | environment(label(size, asked.orders))).returncode
        if code:
            return code
    missed = verdict([int(size) for size in asked.sizes.split(",")], asked.orders)
    return missed if asked.only else max(missed, imports(), upkeep())


def imports() -> int:
    """Files of orders; fail where a bar is missed."""
    from bench import imports as files

    found = files.run(os.environ | environment("imports"))
    (VAR / "imports.json").write_text(json.dumps(found, indent=1))
    missed = [f"import {layout}: {problem}" for layout, each in found.items() for problem in each["problems"]]
    for problem in missed:
        print(f"MISSED {problem}")
    return 1 if missed else 0


def upkeep() -> int:
    """Ticket creation and import with the reports' triggers and without; fail where they cost more than the bar."""
    from bench import upkeep as keeping

    found = keeping.run(os.environ | environment("upkeep"))
    (VAR / "upkeep.json").write_text(json.dumps(found, indent=1))
    missed = [f"keeping figures, {name}: {problem}" for name, each in found.items() for problem in each["problems"]]
    for problem in missed:
        print(f"MISSED {problem}")
    return 1 if missed else 0


def label(size: int, orders: int) -> str:
    """What a history is called: by its tickets, and by its orders where these are not three times as many."""
    return f"{size}_{orders}" if orders else f"{size}"


def environment(name: str) -> dict[str, str]:
    """One database per history on the server of DATABASE_URL, and production's settings."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return {
        "DATABASE_URL": urlunsplit(parts._replace(path=f"/handover_bench_{name}")),
        "HANDOVER_BENCH_ADMIN_URL": os.environ["DATABASE_URL"],
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "HANDOVER_LOCAL": "1",
        "HANDOVER_HASHED_STATIC": "1",
        "HANDOVER_RATE_API_USER": "1000000/min",
    }


def one_size(size: int, orders: int, only: str, rounds: int) -> int:
    from bench import runner

    result = runner.run(size, orders, only, rounds)
    (VAR / f"{label(size, orders)}.json").write_text(json.dumps(result, indent=1))
    return 0


def verdict(sizes: list[int], orders: int) -> int:
    """Print the table; fail where a bar of the project is missed."""
    found: dict[int, dict[str, Any]] = {size: json.loads((VAR / f"{label(size, orders)}.json").read_text()) for size in sizes}
    missed = []
    print("\n" + f"{'':<34}" + "".join(f"{f'{size:,}':>34}" for size in sizes))
    print(f"{'ms p50 (×bare) p95 | 8 clients':<34}" + f"{'p50   ×bare   p95  p50@8  q':>34}" * len(sizes))
    for name in found[sizes[-1]]["pages"]:
        line = f"{name:<34}"
        for size in sizes:
            page = found[size]["pages"].get(name)
            line += f"{cell(page):>34}"
        largest, smallest = found[sizes[-1]]["pages"][name], found[sizes[0]]["pages"].get(name)
        growth = grown(smallest, largest)
        problems = judge(largest, growth)
        if smallest and not alike(smallest, largest):
            problems.append(f"shows {largest['bytes']:,} bytes, {smallest['bytes']:,} at the smallest size: not the same scene")
        if smallest and largest["steady"] and largest["queries"] > smallest["queries"]:
            problems.append(f"{largest['queries']} queries, {smallest['queries']} at the smallest size")
        missed += [f"{name}: {problem}" for problem in problems]
        print(line + ("   ✗ " + "; ".join(problems) if problems else ""))
    for size in sizes:
        print(f"{size:>9,}: {found[size]['other']}")
        missed += too_heavy(found[size]["other"])
    for problem in missed:
        print(f"MISSED {problem}")
    (VAR / "summary.json").write_text(json.dumps({"sizes": sizes, "missed": missed, "median_growth": growths(found, sizes)}, indent=1))
    return 1 if missed else 0


HEAVIEST = {"first_visit_bytes": 150 * 1024, "repeat_visit_bytes": 20 * 1024}


def too_heavy(weights: dict[str, int]) -> list[str]:
    """Which visit weighs more, compressed, than it may; nothing where weights were not taken."""
    return [f"{name}: {weights[name]:,}, at most {most:,}" for name, most in HEAVIEST.items() if weights.get(name, 0) > most]


def growths(found: dict[int, dict[str, Any]], sizes: list[int]) -> float:
    small, large = found[sizes[0]]["pages"], found[sizes[-1]]["pages"]
    return statistics.median(grown(small[name], large[name]) for name in large if name in small)


def grown(small: dict[str, Any] | None, large: dict[str, Any]) -> float:
    """How many times as long a page takes at the larger size, by the bare page of each run: that one is the same at every size, and the
    machine may be busier in one of the runs."""
    return large["ratio"] / small["ratio"] if small else 1.0  # type: ignore[no-any-return]


def alike(small: dict[str, Any], large: dict[str, Any]) -> bool:
    """Whether a page shows as much at both sizes; else its time says nothing of how it grows. What is written about a matter and how many
    digits a figure has makes a difference of some per cent."""
    return abs(large["bytes"] - small["bytes"]) <= max(0.2 * small["bytes"], 200)


def cell(page: dict[str, Any] | None) -> str:
    if page is None:
        return "–"
    return f"{page['p50']:.1f}  {page['ratio']:.2f}×  {page['p95']:.1f}  {page['p50_8']:.0f}  {page['queries']}"


def judge(page: dict[str, Any], growth: float) -> list[str]:
    problems = []
    if page["ratio"] > page["most"]:
        problems.append(f"{page['ratio']:.2f}× the bare page, at most {page['most']}×")
    if growth > 1.25 and page["p50"] - page["p50"] / growth > 1:
        problems.append(f"{growth:.2f}× its time at the smallest size")
    if page.get("p95_most") and page["p95"] > page["p95_most"]:
        problems.append(f"p95 {page['p95']:.0f} ms, at most {page['p95_most']} ms")
    if page.get("most_queries") and page["queries"] > page["most_queries"]:
        problems.append(f"{page['queries']} queries, at most {page['most_queries']}")
    if page["wrong"]:
        problems.append(f"unexpected answers {page['wrong']}")
    return problems


if __name__ == "__main__":
    sys.exit(main())
