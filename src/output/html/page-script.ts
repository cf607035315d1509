/** What runs in the page: draws every chart of the JSON with uPlot, anew where its width or the colours change. */

export const pageScript = String.raw`"use strict";
const charts = JSON.parse(document.getElementById("charts").textContent);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const percent = (x) => "p" + Number((100 * (1 - 1 / x)).toFixed(4));
const short = (v) => v == null ? "–" : String(Number(v.toPrecision(4)));
const drawn = charts.map((chart, index) => {
  const place = document.getElementById("plot-" + index);
  const names = (x) => chart.axis === "quantile" ? percent(x) : chart.axis === "name" ? chart.xNames[x] ?? "" : short(x);
  const axis = (label, more) => ({ label, stroke: () => colour("--soft"), font: "12px system-ui", labelFont: "12px system-ui",
    grid: { stroke: () => colour("--grid") }, ticks: { stroke: () => colour("--line") }, ...more });
  const quantiles = [1, 2, 10, 100, 1000, 10000, 100000, 1000000, 10000000];
  const xAxis = chart.axis === "quantile" ? { splits: (u) => quantiles.filter((q) => q >= u.scales.x.min && q <= u.scales.x.max), filter: (u, s) => s, values: (u, s) => s.map(percent) }
    : chart.axis === "name" ? { splits: () => chart.x, values: (u, s) => { const step = Math.ceil(s.length * 110 / u.width); return s.map((x, i) => i % step ? "" : names(x)); } } : {};
  const span = [Math.min(...chart.x), Math.max(...chart.x)];
  return new uPlot({
    width: place.clientWidth, height: 300,
    scales: { x: { time: false, distr: chart.axis === "quantile" ? 3 : 1, range: () => chart.axis === "quantile" ? [1, Math.max(span[1], 10)] : span[0] === span[1] ? [span[0] - 1, span[1] + 1] : [span[0] - (span[1] - span[0]) * 0.04, span[1] + (span[1] - span[0]) * 0.04] },
      y: chart.yLog ? { distr: 3 } : { range: (u, low, high) => [Math.min(0, low ?? 0), (high ?? 1) * 1.1 || 1] } },
    axes: [axis(chart.xTitle, xAxis), axis(chart.yTitle, { size: 60, values: (u, s) => s.map((v) => v == null ? "" : short(v)) })],
    series: [{ label: chart.xTitle, value: (u, v) => v == null ? "–" : names(v) },
      ...chart.series.map(({ label }, i) => ({ label, stroke: () => colour("--c" + (i % 8)), width: 2,
        dash: [[], [8, 4], [2, 3], [10, 3, 2, 3]][i % 4], spanGaps: false,
        paths: chart.scattered ? () => null : undefined, points: { show: chart.scattered || chart.x.length < 12, size: 7 },
        value: (u, v) => short(v) }))],
  }, [chart.x, ...chart.series.map(({ values }) => values)], place);
});
const redraw = () => drawn.forEach((plot, i) => plot.setSize({ width: document.getElementById("plot-" + i).clientWidth, height: 300 }));
addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach((plot) => plot.redraw()));
for (const event of ["beforeprint", "afterprint"]) addEventListener(event, () => { redraw(); drawn.forEach((plot) => plot.redraw()); });
document.documentElement.dataset.drawn = String(drawn.length);`;
