"""Draws the figures of the benchmarks as SVG: bars for start and load, stacked bars for cost.

    python3 tools/plots.py --from docs/performance --to docs/performance [--log start]

Reads `start.json`, `cost.json` and `load.json` and writes `start.svg`, `cost.svg` and `load.svg`; inputs that are
missing are said and skipped. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

# Room is what the longest bar leaves to its right for its value, letter the width of one.
WIDTH, MARGIN, ROW, BAR, ROOM, LETTER = 860, 20, 28, 18, 190, 7.0
# Okabe and Ito's colours, which people with every kind of sight can tell apart.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999", "#000000")
# What start.json says of a program: its key, the panel's title, how a value is written.
START = (
    ("first_next_ms", "Start until the first question for work", lambda value: f"{number(value)} ms"),
    ("start_instructions", "Instructions of a start", lambda value: f"{number(value / 1e6)} million"),
    ("rss_bytes", "Memory, resident", lambda value: f"{number(value / 1e6)} MB"),
    ("zip_bytes", "Package, zipped", lambda value: f"{number(value / 1e6)} MB"),
)


def number(value: float) -> str:
    """Three digits that count, and no more."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass
class Drawing:
    """Elements from top to bottom; `y` is where the next one begins."""

    title: str
    description: str
    y: float = MARGIN
    elements: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, size: int = 13, anchor: str = "start", weight: str = "normal") -> None:
        style = f'font-size="{size}" text-anchor="{anchor}" font-weight="{weight}"'
        self.elements.append(f'<text x="{x:.1f}" y="{y:.1f}" {style} fill="#1a1a1a">{escape(words)}</text>')

    def bar(self, x: float, y: float, width: float, colour: str, says: str, height: float = BAR) -> None:
        """A bar that says what it stands for when it is pointed at or read out."""
        place = f'class="bar" x="{x:.2f}" y="{y:.1f}" width="{width:.2f}" height="{height:.1f}"'
        self.elements.append(f'<rect {place} fill="{colour}"><title>{escape(says)}</title></rect>')

    def line(self, x1: float, x2: float, y: float) -> None:
        self.elements.append(f'<path d="M{x1:.2f} {y:.1f}H{x2:.2f}" stroke="#1a1a1a" stroke-width="1.2"/>')

    def heading(self, words: str) -> None:
        self.text(MARGIN, self.y + 15, words, 15, weight="600")
        self.y += 25

    def legend(self, names: list[tuple[str, str]]) -> None:
        x = MARGIN
        self.y += 6
        for name, colour in names:
            width = 34 + len(name) * LETTER
            if x > MARGIN and x + width > WIDTH - MARGIN:
                x, self.y = MARGIN, self.y + 20
            self.elements.append(f'<rect x="{x:.1f}" y="{self.y:.1f}" width="12" height="12" fill="{colour}"/>')
            self.text(x + 18, self.y + 11, name, 12)
            x += width
        self.y += 26

    def svg(self) -> str:
        height = math.ceil(self.y + MARGIN / 2)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            f'role="img" aria-label={quoteattr(self.title)} font-family="system-ui, sans-serif">'
        )
        told = f"<title>{escape(self.title)}</title>\n<desc>{escape(self.description)}</desc>"
        ground = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'  # Pages may be dark.
        return "\n".join([head, told, ground, *self.elements, "</svg>", ""])


class Scale:
    """Turns values into lengths, from the left end of the bars on."""

    def __init__(self, labels: list[str], values: list[float], logarithmic: bool) -> None:
        positive = [value for value in values if value > 0]
        self.left = MARGIN + 12 + min(360.0, max(map(len, labels)) * LETTER)
        self.length = WIDTH - MARGIN - ROOM - self.left
        self.most = max(positive, default=1.0)
        # A logarithmic bar begins at the power of ten below the least value, and not where it would have no length.
        self.floor = 10.0 ** (math.ceil(math.log10(min(positive))) - 1) if logarithmic and positive else None

    def __call__(self, value: float) -> float:
        if value <= 0:
            return 0.0
        if self.floor is None:
            return self.length * value / self.most
        return self.length * math.log(max(value, self.floor) / self.floor) / math.log(self.most / self.floor)


def spread(value: float | dict) -> tuple[float, float, float]:
    """Least, middle and most of a figure that may be one number."""
    if isinstance(value, dict):
        return value.get("min", value["median"]), value["median"], value.get("max", value["median"])
    return value, value, value


def panel(drawing: Drawing, title: str, rows: list[tuple[str, float | dict]], written, logarithmic: bool) -> None:
    """A bar for each row, longest values to the right, with a line from the least to the most where both are known."""
    figures = [(name, spread(value)) for name, value in rows]
    scale = Scale([name for name, _ in figures], [most for _, (_, _, most) in figures], logarithmic)
    drawing.heading(f"{title} (logarithmic from {written(scale.floor)})" if scale.floor else title)
    for name, (least, middle, most) in figures:
        says, y = written(middle), drawing.y
        drawing.text(scale.left - 8, y + 14, name, anchor="end")
        drawing.bar(scale.left, y, scale(middle), COLOURS[0], f"{name}: {says}")
        if least < most:
            says = f"{says} ({number(least)}–{number(most)})"
            drawing.line(scale.left + scale(least), scale.left + scale(most), y + BAR / 2)
        drawing.text(scale.left + scale(most) + 8, y + 14, says)
        drawing.y += ROW
    drawing.y += 12


def start(data: dict, logarithmic: bool) -> str:
    drawing = Drawing("What a start takes", ", ".join(row["name"] for row in data["rows"]) + "; shorter is better.")
    for key, title, written in START:
        rows = [(row["name"], row[key]) for row in data["rows"] if row.get(key) is not None]
        if rows:
            panel(drawing, title, rows, written, logarithmic)
    return drawing.svg()


def load(data: dict, logarithmic: bool) -> str:
    drawing = Drawing("Time of an answer under load", "Median and 99th percentile in milliseconds for each load.")
    kinds = (("p50_ms", "median", COLOURS[4]), ("p99_ms", "99th percentile", COLOURS[0]))
    drawing.heading(drawing.title)
    drawing.legend([(name, colour) for _, name, colour in kinds])
    values = [row[key] for row in data["rows"] for key, _, _ in kinds]
    scale = Scale([row["name"] for row in data["rows"]], values, logarithmic)
    for row in data["rows"]:
        drawing.text(scale.left - 8, drawing.y + 20, row["name"], anchor="end")
        for key, name, colour in kinds:
            says = f"{number(row[key])} ms"
            drawing.bar(scale.left, drawing.y, scale(row[key]), colour, f"{row['name']}, {name}: {says}", 13)
            drawing.text(scale.left + scale(row[key]) + 8, drawing.y + 11, says, 12)
            drawing.y += 15
        drawing.y += 12
    return drawing.svg()


def cost(data: dict, _logarithmic: bool) -> str:
    """Stacked bars: a logarithm of a part means nothing, so these are never logarithmic."""
    bills = [(bill["name"], {line["name"]: line["usd_per_million_orders"] for line in bill["lines"]}) for bill in data["bills"]]
    drawing = Drawing("Cost of a million orders", "; ".join(f"{name}: ${sum(bill.values()):,.2f}" for name, bill in bills))
    lines = list(dict.fromkeys(line for _, bill in bills for line in bill))
    colours = {line: COLOURS[number % len(COLOURS)] for number, line in enumerate(lines)}
    scale = Scale([name for name, _ in bills], [sum(bill.values()) for _, bill in bills], logarithmic=False)
    drawing.heading(f"{drawing.title}, in US dollars")
    for name, bill in bills:
        x = scale.left
        drawing.text(x - 8, drawing.y + 14, name, anchor="end")
        for line, usd in bill.items():
            drawing.bar(x, drawing.y, scale(usd), colours[line], f"{name}, {line}: ${usd:,.2f}")
            x += scale(usd)
        drawing.text(x + 8, drawing.y + 14, f"${sum(bill.values()):,.2f}", weight="600")
        drawing.y += ROW
    amounts = {line: " / ".join(f"${bill.get(line, 0):,.2f}" for _, bill in bills) for line in lines}
    drawing.legend([(f"{line} {amounts[line]}", colour) for line, colour in colours.items()])
    return drawing.svg()


PLOTS = {"start": start, "cost": cost, "load": load}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", type=Path, required=True)
    parser.add_argument("--to", dest="target", type=Path, required=True)
    parser.add_argument("--log", nargs="*", choices=("start", "load"), default=[], help="plots on a logarithmic scale")
    arguments = parser.parse_args()
    arguments.target.mkdir(parents=True, exist_ok=True)
    for name, plot in PLOTS.items():
        file = arguments.source / f"{name}.json"
        if file.is_file():
            (arguments.target / f"{name}.svg").write_text(plot(json.loads(file.read_text()), name in arguments.log))
        else:
            print(f"{file} is missing; no {name}.svg", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
