"""The kinds of panels there are, each with the few options that Hookline's own pages draw as Grafana does (docs/dashboards.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from textwrap import indent
from typing import Any, Final

from grafana_foundation_sdk.builders import bargauge, common, dashboard, gauge, heatmap, piechart, stat, statetimeline, table, text, timeseries
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.piechart import PieChartLegendValues, PieChartType

from hookline_dashboards.build.palette import FAILURE, UNKNOWN, WAITING
from hookline_dashboards.build.plugin_query import PLUGIN, SERIES, TABLE, Asks

Steps = Sequence[tuple[float | None, str]]
"""Thresholds: from which value on which colour; the first from None."""
Override = Mapping[str, object]
PACKAGE: Final = "hookline_dashboards"
_FRAGMENT: Final = re.compile(r"^(?P<depth> *)\{\{(?P<name>\w+)\}\}$", re.MULTILINE)
NOTHING: Final = "Nothing in this range"
NO_CALLS: Final = "No tool call in this range: choose a longer one, or all filters"
NO_NATIVE: Final = "Not told in this range: hookline install claude-code --native-telemetry lets the agent tell it"
NO_REQUESTS: Final = "No request to a model in this range"
NO_LIMITS: Final = "No limit was told in this range: hookline install claude-code --status-line lets the agent tell it"
NO_SAMPLES: Final = "Nothing was sampled in this range: the relay samples while an agent runs"
NO_COMMANDS: Final = "No command's cost was told in this range: hooks tell it on Linux"
NO_WORK: Final = "Nobody worked in this range: choose a longer one, or all filters"
NO_SESSIONS: Final = "No session in this range: choose a longer one, or all filters"
NO_ALERTS: Final = "No alert changed in this range"
NO_OWN: Final = "No metrics of the collector in this range: it writes its own every minute while it runs"


@dataclass(frozen=True, slots=True)
class Shown:
    """What every panel says of itself. `key` names its statement, `number` is its id, which never changes."""

    number: int
    key: str
    title: str
    says: str
    unit: str = "short"
    width: int = 12
    height: int = 8
    empty: str = NOTHING
    decimals: int | None = None
    least: float | None = None
    most: float | None = None
    steps: Steps = ()
    interval: str = ""
    colours: Mapping[str, str] = field(default_factory=dict)
    """A fixed colour for columns or series by name."""
    columns: Mapping[str, Override] = field(default_factory=dict)
    """Properties of columns by name, as Grafana calls them: `{"cost": {"unit": "currencyUSD"}}`."""
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Values that are shown as another text, in a colour."""


def statement(page: str, key: str) -> str:
    """Return the SQL of a panel."""
    return _with_fragments(_sql("queries", page, key))


def _with_fragments(text: str) -> str:
    """Put in what several share: a line `{{name}}` stands for a fragment, which may have others, indented as the line is."""
    return _FRAGMENT.sub(lambda line: indent(_with_fragments(_sql("fragments", line["name"])), line["depth"]), text)


def _sql(*names: str) -> str:
    return files(PACKAGE).joinpath(*names[:-1], f"{names[-1]}.sql").read_text().rstrip("\n")


def series(
    page: str,
    shown: Shown,
    *,
    bars: bool = False,
    stacked: bool = False,
    log: bool = False,
    spans: bool = False,
    fill: int = 12,
    calcs: Sequence[str] = (),
) -> Any:
    """Curves over time. A line ends where an interval has nothing, for which its statement has a row of nulls, unless it `spans` such intervals."""
    drawing = (
        timeseries.Panel()
        .draw_style(common_model.GraphDrawStyle.BARS if bars else common_model.GraphDrawStyle.LINE)
        .fill_opacity(80 if bars else 30 if stacked else fill)
        .line_width(1 if bars or stacked else 2)
        .show_points(common_model.VisibilityMode.AUTO)
        .span_nulls(spans)
        .stacking(common.StackingConfig().mode(common_model.StackingMode.NORMAL if stacked else common_model.StackingMode.NONE))
        .legend(_legend(calcs))
        .tooltip(common.VizTooltipOptions().mode(common_model.TooltipDisplayMode.MULTI).sort(common_model.SortOrder.DESCENDING))
    )
    if log:
        drawing = drawing.scale_distribution(common.ScaleDistributionConfig().type(common_model.ScaleDistribution.LOG).log(10))
    if shown.steps:
        drawing = drawing.thresholds_style(common.GraphThresholdsStyleConfig().mode(common_model.GraphThresholdsStyleMode.DASHED))
    return _asking(_described(drawing, shown), page, shown, SERIES)


def figure(page: str, shown: Shown, *, calc: str = "lastNotNull", background: bool = False) -> Any:
    """One large number for each column."""
    drawing = (
        stat.Panel()
        .reduce_options(common.ReduceDataOptions().calcs([calc]).fields("").values(False))
        .graph_mode(common_model.BigValueGraphMode.NONE)
        .color_mode(common_model.BigValueColorMode.BACKGROUND if background else common_model.BigValueColorMode.VALUE)
        .text_mode(common_model.BigValueTextMode.AUTO)
    )
    return _asking(_described(drawing, shown), page, shown, TABLE)


def dial(page: str, shown: Shown) -> Any:
    """A dial for each row: its text column names it."""
    drawing = gauge.Panel().reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(True)).show_threshold_markers(True)
    return _asking(_described(drawing, shown), page, shown, TABLE)


def bars(page: str, shown: Shown) -> Any:
    """A horizontal bar for each row: its text column names it."""
    drawing = (
        bargauge.Panel()
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(True))
        .orientation(common_model.VizOrientation.HORIZONTAL)
        .display_mode(common_model.BarGaugeDisplayMode.BASIC)
        .value_mode(common_model.BarGaugeValueMode.COLOR)
    )
    return _asking(_described(drawing, shown), page, shown, TABLE)


def rows(page: str, shown: Shown, *, sort: str = "", descending: bool = True) -> Any:
    """A table."""
    drawing = table.Panel().show_header(True)
    if sort:
        drawing = drawing.sort_by([common.TableSortByFieldState().display_name(sort).desc(descending)])
    return _asking(_described(drawing, shown), page, shown, TABLE)


def heat(page: str, shown: Shown, *, y_unit: str, value: str) -> Any:
    """A map of how often what happened: a column for each upper bound."""
    drawing = (
        heatmap.Panel()
        .calculate(False)
        .color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Oranges").steps(64))
        .rows_frame(heatmap.RowsHeatmapOptions().layout(common_model.HeatmapCellLayout.LE).value(value))
        .y_axis(heatmap.YAxisConfig().unit(y_unit))
        .cell_values(heatmap.CellValues().unit("short"))
        .show_legend()
        .mode(common_model.TooltipDisplayMode.SINGLE)
        .exemplars_color("rgba(255,0,255,0.7)")
        .filter_values(heatmap.FilterValueRange().le(1e-9))
    )
    return _asking(_described(drawing, shown), page, shown, SERIES)


def lanes(page: str, shown: Shown) -> Any:
    """States over time, a lane for each label."""
    drawing = (
        statetimeline.Panel()
        .merge_values(True)
        .show_value(common_model.VisibilityMode.NEVER)
        .row_height(0.8)
        .legend(_legend(()))
        .tooltip(common.VizTooltipOptions().mode(common_model.TooltipDisplayMode.SINGLE).sort(common_model.SortOrder.NONE))
    )
    return _asking(_described(drawing, shown), page, shown, SERIES)


def shares(page: str, shown: Shown) -> Any:
    """Shares of a whole: a slice for each row, which its text column names."""
    drawing = (
        piechart.Panel()
        .pie_type(PieChartType.DONUT)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(True))
        .legend(
            piechart.PieChartLegendOptions()
            .display_mode(common_model.LegendDisplayMode.TABLE)
            .placement(common_model.LegendPlacement.RIGHT)
            .show_legend(True)
            .values([PieChartLegendValues.VALUE, PieChartLegendValues.PERCENT])
            .calcs([])
        )
        .tooltip(common.VizTooltipOptions().mode(common_model.TooltipDisplayMode.SINGLE).sort(common_model.SortOrder.NONE))
    )
    return _asking(_described(drawing, shown), page, shown, TABLE)


def words(number: int, title: str, says: str, content: str, *, width: int = 24, height: int = 4) -> Any:
    """Some lines of text."""
    return (
        text.Panel().id(number).title(title).description(says).span(width).height(height).mode("markdown").content(content)  # type: ignore[arg-type]
    )


def steps(*values: tuple[float | None, str]) -> dict[str, object]:
    """Return thresholds as an override has them."""
    return {"mode": "absolute", "steps": [{"value": value, "color": colour} for value, colour in values]}


def fixed(colour: str) -> dict[str, object]:
    """Return one colour as an override has it."""
    return {"mode": "fixed", "fixedColor": colour}


def severities() -> list[dict[str, object]]:
    """Return the severities of alerts in their colours."""
    colours = {"critical": FAILURE, "warning": WAITING, "info": UNKNOWN}
    return [{"type": "value", "options": {name: {"color": colour, "index": n} for n, (name, colour) in enumerate(colours.items())}}]


def heading(number: int, title: str) -> Any:
    """A line above the panels that belong together."""
    return dashboard.Row(title).id(number)


def _legend(calcs: Sequence[str]) -> Any:
    mode = common_model.LegendDisplayMode.TABLE if calcs else common_model.LegendDisplayMode.LIST
    return common.VizLegendOptions().display_mode(mode).placement(common_model.LegendPlacement.BOTTOM).show_legend(True).calcs(list(calcs))


def _described(drawing: Any, shown: Shown) -> Any:
    """Say what every panel says."""
    drawing = drawing.id(shown.number).title(shown.title).description(shown.says).span(shown.width).height(shown.height).unit(shown.unit)
    drawing = drawing.no_value(shown.empty)
    if shown.decimals is not None:
        drawing = drawing.decimals(shown.decimals)
    if shown.least is not None:
        drawing = drawing.min(shown.least)
    if shown.most is not None:
        drawing = drawing.max(shown.most)
    if shown.interval:
        drawing = drawing.interval(shown.interval)
    if shown.steps:
        marks = [model.Threshold(value=value, color=colour) for value, colour in shown.steps]
        drawing = drawing.thresholds(dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(marks))
        drawing = drawing.color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
    else:
        drawing = drawing.color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC))
    if shown.words:
        results = {
            value: model.ValueMappingResult(text=label, color=colour, index=n) for n, (value, (label, colour)) in enumerate(shown.words.items())
        }
        drawing = drawing.mappings([model.ValueMap(options=results)])
    for name, colour in shown.colours.items():
        drawing = drawing.override_by_name(name, [model.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})])
    for name, properties in shown.columns.items():
        drawing = drawing.override_by_name(name, [model.DynamicConfigValue(key, value) for key, value in properties.items()])
    return drawing


def _asking(drawing: Any, page: str, shown: Shown, shape: int) -> Any:
    source = model.DataSourceRef(type_val=PLUGIN, uid="${datasource}")
    return drawing.datasource(source).with_target(Asks(statement(page, shown.key), shape))
