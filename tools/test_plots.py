"""What the plots promise: well-formed XML, and lengths in proportion. `python3 tools/test_plots.py`."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

import plots


def line(name: str, usd: float) -> dict:
    return {"name": name, "usd_per_million_orders": usd}


SVG = "{http://www.w3.org/2000/svg}"
START = {
    "rows": [
        {"name": "place-order", "first_next_ms": {"median": 5, "min": 4, "max": 8}, "zip_bytes": 1_000_000},
        {"name": "node <20> & \"co\"", "first_next_ms": {"median": 200, "min": 190, "max": 250}, "zip_bytes": 4_000_000},
        {"name": "python", "first_next_ms": {"median": 400, "min": 380, "max": 500}},
    ]
}
COST = {
    "bills": [
        {"name": "ours", "lines": [line("requests", 5), line("writes", 10)]},
        {"name": "sample", "lines": [line("writes", 30), line("transitions", 120)]},
    ]
}
LOAD = {"rows": [{"name": "6 orders/s", "p50_ms": 10, "p99_ms": 40}, {"name": "60 orders/s", "p50_ms": 20, "p99_ms": 80}]}


def bars(svg: str) -> list[tuple[str, float, float, str]]:
    """What each bar says, where it begins, how long it is, and its colour."""
    found = [each for each in ElementTree.fromstring(svg).iter(f"{SVG}rect") if each.get("class") == "bar"]
    return [(each.findtext(f"{SVG}title"), float(each.get("x")), float(each.get("width")), each.get("fill")) for each in found]


class PlotsTest(unittest.TestCase):
    def assert_in_proportion(self, lengths: list[float], values: list[float]) -> None:
        for length, value in zip(lengths, values, strict=True):
            self.assertAlmostEqual(length / lengths[-1], value / values[-1], places=3)

    def test_every_plot_has_a_name_and_a_white_ground(self) -> None:
        for name, data in (("start", START), ("cost", COST), ("load", LOAD)):
            root = ElementTree.fromstring(plots.PLOTS[name](data, False))
            ground = root.find(f"{SVG}rect")
            self.assertEqual((root.get("role"), ground.get("fill")), ("img", "#ffffff"))
            self.assertEqual((ground.get("width"), ground.get("height")), (root.get("width"), root.get("height")))
            self.assertTrue(root.get("aria-label") and root.findtext(f"{SVG}title") and root.findtext(f"{SVG}desc"))

    def test_everything_is_inside(self) -> None:
        for name, data in (("start", START), ("cost", COST), ("load", LOAD)):
            for log in (False, True):
                root = ElementTree.fromstring(plots.PLOTS[name](data, log))
                for each in root.iter(f"{SVG}rect"):
                    self.assertLessEqual(float(each.get("x", 0)) + float(each.get("width")), float(root.get("width")))
                    self.assertLessEqual(float(each.get("y", 0)) + float(each.get("height")), float(root.get("height")))

    def test_bars_are_as_long_as_their_values(self) -> None:
        lengths = [length for _, _, length, _ in bars(plots.start(START, False))]
        self.assert_in_proportion(lengths[:3], [5, 200, 400])
        self.assert_in_proportion(lengths[3:], [1, 4])
        self.assert_in_proportion([length for _, _, length, _ in bars(plots.load(LOAD, False))], [10, 40, 20, 80])

    def test_a_row_without_a_figure_has_no_bar_in_that_panel(self) -> None:
        last = [says for says, *_ in bars(plots.start(START, False))][3:]
        self.assertEqual(last, ["place-order: 1 MB", 'node <20> & "co": 4 MB'])

    def test_logarithmic_bars_are_as_long_as_their_logarithms(self) -> None:
        lengths = [length for _, _, length, _ in bars(plots.start(START, True))][:3]
        self.assert_in_proportion(lengths, [math.log(value) for value in (5, 200, 400)])

    def test_parts_of_a_bill_follow_each_other_and_keep_their_colour(self) -> None:
        requests, ours, writes, transitions = bars(plots.cost(COST, False))
        self.assert_in_proportion([each[2] for each in (requests, ours, writes, transitions)], [5, 10, 30, 120])
        self.assertAlmostEqual(requests[1] + requests[2], ours[1], places=1)
        self.assertEqual((requests[1], ours[3]), (writes[1], writes[3]))
        self.assertEqual(len({requests[3], writes[3], transitions[3]}), 3)

    def test_numbers_keep_three_digits(self) -> None:
        values = {0: "0", 0.01234: "0.0123", 1.5: "1.5", 12.34: "12.3", 123.4: "123", 21_234_567: "21,234,567"}
        self.assertEqual([plots.number(value) for value in values], list(values.values()))

    def test_missing_inputs_are_said_and_skipped(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "cost.json").write_text(json.dumps(COST))
            command = [sys.executable, plots.__file__, "--from", folder, "--to", f"{folder}/plots", "--log", "start"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            self.assertEqual([file.name for file in Path(folder, "plots").iterdir()], ["cost.svg"])
            self.assertEqual(done.stderr.count("is missing"), 2)


if __name__ == "__main__":
    unittest.main()
