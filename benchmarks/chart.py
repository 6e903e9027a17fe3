"""The chart of growth: the cost of a call over the number of sites, as SVG without a script."""

import sys
from collections.abc import Mapping
from math import log10
from xml.etree import ElementTree

from pygal import XY, PluginImportFixer  # type: ignore[import-untyped]  # it has no types
from pygal.style import Style  # type: ignore[import-untyped]  # it has no types

# pygal's finder of maps has no find_spec, so Python 3.11 warns whenever a module is not found later.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, PluginImportFixer)]

SVG = "http://www.w3.org/2000/svg"
COLOURS = ("#2f7fd0", "#c96a1e", "#2f9150")
SIZES = {"width": 760, "height": 320, "margin": 10, "margin_right": 40, "dots_size": 4, "max_scale": 8}
GREY = "#767b83"  # like the colours, it has contrast to a light page and to a dark one
FONTS = Style(font_family="sans-serif", label_font_size=13, major_label_font_size=13, title_font_size=14)
STYLE = f"""
text {{ fill: {GREY}; stroke: none }}
.background, .nofill {{ fill: none }}
.axis .line, .guide {{ stroke: {GREY}; fill: none }}
.guide {{ stroke-opacity: .4 }}
.axis.x text, .title {{ text-anchor: middle }}
.axis.y text {{ text-anchor: end }}
.nofill {{ stroke-width: 2 }}
""" + "\n".join(f".color-{number} {{ stroke: {one}; fill: {one} }}" for number, one in enumerate(COLOURS))


def growth_chart(lines: Mapping[str, Mapping[int, float]]) -> bytes:
    """Draw a line for each call, over a logarithmic axis of sites. Shape: microseconds by number of sites."""
    chart = XY(
        style=FONTS,
        css=(f"inline:{STYLE}",),
        js=(),
        **SIZES,
        legend_at_bottom=True,
        legend_at_bottom_columns=len(lines),
        title="Cost of a call",
        x_title="sites",
        y_title="µs",
        range=(0, max(max(costs.values()) for costs in lines.values())),
        x_value_formatter=lambda power: f"{10**power:,.0f}",
        value_formatter=lambda cost: f"{cost:.0f}",
    )
    chart.uuid = "growth"
    chart.x_labels = sorted({log10(sites) for costs in lines.values() for sites in costs})
    for name, costs in lines.items():
        chart.add(name, [(log10(sites), cost) for sites, cost in costs.items()])
    return _without_script(chart.render())


def _without_script(svg: bytes) -> bytes:
    """Remove the script, and all that only a script would show."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(svg)
    for parent in [*root.iter()]:
        for child in [*parent]:
            classes = child.get("class", "").split()
            if child.tag == f"{{{SVG}}}script" or "tooltip-overlay" in classes or classes[:1] in (["x"], ["y"]):
                parent.remove(child)
    ElementTree.indent(root, "")
    written: bytes = ElementTree.tostring(root, encoding="utf-8")
    return written + b"\n"
