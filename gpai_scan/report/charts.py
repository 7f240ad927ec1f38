"""The charts of the page, as Altair specifications without data.

The page fills the named data sets `curve`, `breakdown` and `frontier` and moves the parameter
`threshold`; the same specification therefore serves every rule set and position of the slider.
Counts on a logarithmic axis are drawn as lines and areas between two values, never as bars, which
would need a baseline there.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from gpai_scan.errors import InvalidInput

if TYPE_CHECKING:
    import altair as alt

INSTALL: Final = "pip install 'gpai-scan[report]'"
HEIGHT: Final = 300
BLUE: Final = "#3b7dd8"
ORANGE: Final = "#d9660b"
GREY: Final = "#808080"
COUNTS: Final = [0.0] + [n * 10.0**power for power in range(7) for n in (1, 3)]
DECADES: Final = [10.0**power for power in range(18, 28)]


def altair() -> Any:  # noqa: ANN401
    """The charting library; `InvalidInput` says how to install it."""
    try:
        import altair
    except ImportError as error:
        raise InvalidInput(f"the page needs Altair and vl-convert: {INSTALL}.") from error
    return altair


@cache
def bundle() -> str:
    """The JavaScript of Vega-Embed, Vega-Lite and Vega, for pages that work offline."""
    try:
        import vl_convert
    except ImportError as error:
        raise InvalidInput(f"the page needs Altair and vl-convert: {INSTALL}.") from error
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def _flop_axis(alt: Any, title: str) -> Any:  # noqa: ANN401
    return {
        "scale": alt.Scale(type="log", domain=[DECADES[0], DECADES[-1]], nice=False),
        "axis": alt.Axis(format=".0e", values=DECADES, title=title, labelOverlap=True),
    }


def curve() -> dict[str, Any]:
    """Models above a threshold: point count, expected interval, and with the unknown on top."""
    alt = altair()
    threshold = alt.param(name="threshold", value=1e23)
    x = alt.X("threshold:Q", **_flop_axis(alt, "threshold of training compute [FLOP]"))
    scale = alt.Scale(type="symlog")
    rows = alt.Chart(alt.NamedData("curve"))
    tooltip = [
        alt.Tooltip("threshold:Q", format=".3~g", title="threshold [FLOP]"),
        alt.Tooltip("models_in:Q", format=",", title="models in"),
        alt.Tooltip("models_unknown:Q", format=",", title="models unknown"),
        alt.Tooltip("entities_in:Q", format=",", title="entities in"),
        alt.Tooltip("expected:Q", format=",.1f"),
    ]
    y = alt.Axis(title="models above the threshold", format="~s", values=COUNTS)
    band = rows.mark_area(color=BLUE, opacity=0.25).encode(
        x=x,
        y=alt.Y("expected_low:Q", scale=scale, axis=y),
        y2="expected_high:Q",
        tooltip=tooltip,
    )
    point = rows.mark_line(color=BLUE, strokeWidth=2, point=alt.OverlayMarkDef(size=12)).encode(
        x=x, y=alt.Y("models_in:Q", scale=scale), tooltip=tooltip
    )
    possible = rows.mark_line(color=GREY, strokeDash=[4, 4]).encode(
        x=x, y=alt.Y("possible:Q", scale=scale), tooltip=tooltip
    )
    here = (
        alt.Chart(alt.Data(values=[{}]))
        .mark_rule(color=ORANGE, strokeWidth=2)
        .transform_calculate(at="threshold")
        .encode(x=alt.X("at:Q", **_flop_axis(alt, "threshold of training compute [FLOP]")))
    )
    return _finish(alt.layer(band, possible, point, here).add_params(threshold))


def breakdown() -> dict[str, Any]:
    """Models above the threshold by group; a linear axis, so bars have an honest baseline."""
    alt = altair()
    bars = (
        alt.Chart(alt.NamedData("breakdown"))
        .mark_bar(color=BLUE, size=12)
        .encode(
            x=alt.X("models:Q", axis=alt.Axis(title="models", tickMinStep=1, format="~s")),
            y=alt.Y("group:N", sort="-x", axis=alt.Axis(title=None, labelLimit=140)),
            tooltip=[alt.Tooltip("group:N"), alt.Tooltip("models:Q", format=",")],
        )
    )
    return _finish(bars, height=230)


def frontier() -> dict[str, Any]:
    """Training compute over time: every listed model a point, the largest so far a line."""
    alt = altair()
    axis = _flop_axis(alt, "training compute [FLOP]")
    scale = alt.Scale(type="log")
    rows = alt.Chart(alt.NamedData("frontier"))
    x = alt.X("created_at:T", axis=alt.Axis(title="first listed on the hub"))
    points = rows.mark_point(color=BLUE, filled=True, size=25, opacity=0.6).encode(
        x=x,
        y=alt.Y("compute_flop:Q", scale=scale, axis=axis["axis"]),
        tooltip=[
            alt.Tooltip("repo_id:N", title="repository"),
            alt.Tooltip("entity:N"),
            alt.Tooltip("compute_flop:Q", format=".3~g", title="FLOP"),
            alt.Tooltip("created_at:T", title="first listed", format="%Y-%m-%d"),
        ],
    )
    line = rows.mark_line(color=ORANGE, interpolate="step-after", strokeWidth=2).encode(
        x=x, y=alt.Y("frontier_flop:Q", scale=scale)
    )
    threshold = alt.param(name="threshold", value=1e23)
    here = (
        alt.Chart(alt.Data(values=[{}]))
        .mark_rule(color=GREY, strokeDash=[4, 4])
        .transform_calculate(at="threshold")
        .encode(y=alt.Y("at:Q", scale=scale))
    )
    return _finish(alt.layer(points, line, here).add_params(threshold))


def history() -> dict[str, Any]:
    """Models above each line of the law in this and earlier scans."""
    alt = altair()
    lines = (
        alt.Chart(alt.NamedData("history"))
        .mark_line(point=True)
        .encode(
            x=alt.X("as_of:T", axis=alt.Axis(title="scan")),
            y=alt.Y(
                "models_in:Q",
                scale=alt.Scale(type="symlog"),
                axis=alt.Axis(title="models above", format="~s", values=COUNTS),
            ),
            color=alt.Color(
                "line:N",
                sort=None,
                scale=alt.Scale(range=[BLUE, ORANGE, "#2e8b57", "#8a63d2", GREY]),
                legend=alt.Legend(
                    title="FLOP", labelColor="currentColor", titleColor="currentColor"
                ),
            ),
            tooltip=[
                alt.Tooltip("as_of:T", title="scan", format="%Y-%m-%d"),
                alt.Tooltip("line:N", title="above [FLOP]"),
                alt.Tooltip("models_in:Q", format=",", title="models in"),
            ],
        )
    )
    return _finish(lines)


def _finish(chart: alt.Chart | alt.LayerChart, height: object = HEIGHT) -> dict[str, Any]:
    """Colours that follow the page in light and dark, and its full width."""
    text = {"labelColor": "currentColor", "titleColor": "currentColor"}
    line = {"gridColor": GREY, "gridOpacity": 0.25, "domainColor": GREY, "tickColor": GREY}
    fit = {"type": "fit-x", "contains": "padding"}
    whole = chart.properties(width="container", height=height, autosize=fit).configure(
        background="transparent",
        aria=False,
        font="system-ui, sans-serif",
        axis=text | line,
        view={"stroke": None},
    )
    specification: dict[str, Any] = whole.to_dict()
    return specification
