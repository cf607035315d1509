/**
 * What runs in the page: draws every chart of the JSON with uPlot once there is room for it, anew where its width or the
 * colours change; legends, the choice of a metric and of a label.
 */

export const pageScript = String.raw`"use strict";
const charts = JSON.parse(document.getElementById("charts").textContent);
const byId = (id) => document.getElementById(id);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const percent = (x) => "p" + Number((100 * (1 - 1 / x)).toFixed(4));
const short = (v) => v == null ? "–" : String(Number.isInteger(v) ? v : Number(v.toPrecision(4)));
const quantiles = [1, 2, 10, 100, 1000, 10000, 100000, 1000000, 10000000];
const nameWidth = 120;
const drawn = new Map();
let chosenLabel = "";

/** What is shown of a chart: all of it, or what has the chosen label. */
function shownOf({ x, xNames, xLabels, series }) {
  if (chosenLabel === "" || xLabels.length === 0) return { names: xNames, data: [x, ...series.map(({ values }) => values)] };
  const kept = [...xLabels.keys()].filter((i) => xLabels[i] === chosenLabel);
  return { names: kept.map((i) => xNames[i]), data: [kept.map((_, i) => i), ...series.map(({ values }) => kept.map((i) => values[i]))] };
}

/** Of a line, the values between unknown ones: no stroke comes to them. */
function isolated(values) {
  return [...values.keys()].filter((i) => values[i] != null && values[i - 1] == null && values[i + 1] == null);
}

/** Over many decades lines between them would be a band of grey. */
function yGrid(u, splits) {
  const { distr, min, max } = u.scales.y;
  return distr === 3 && max / min > 1000 ? splits.map((v) => Number.isInteger(Math.log10(v)) ? v : null) : splits;
}

function draw(index) {
  const chart = charts[index], place = byId("plot-" + index), legend = byId("legend-" + index), pointed = byId("pointed-" + index);
  let shown = shownOf(chart);
  const summary = (i) => chart.series[i].summaryOf?.[chosenLabel] ?? chart.series[i].summary;
  const summarise = () => [...legend.querySelectorAll("span")].forEach((place, i) => { place.textContent = summary(i); });
  const names = (x) => chart.axis === "quantile" ? percent(x) : chart.axis === "name" ? shown.names[x] ?? "" : short(x);
  const tick = (name) => name.split("\n").map((line) => line.length > 16 ? line.slice(0, 15) + "…" : line).join("\n");
  const axis = (label, more) => ({ label, stroke: () => colour("--soft"), font: "12px system-ui", labelFont: "12px system-ui",
    grid: { stroke: () => colour("--grid") }, ticks: { stroke: () => colour("--line") }, ...more });
  const xAxis = chart.axis === "quantile" ? { splits: (u) => quantiles.filter((q) => q >= u.scales.x.min && q <= u.scales.x.max), filter: (u, s) => s, values: (u, s) => s.map((x) => x === 1 && u.width < 480 ? "" : percent(x)) }
    : chart.axis === "name" ? { size: 60, splits: () => shown.data[0], values: (u, s) => { const step = Math.ceil(s.length * nameWidth / (u.bbox.width / devicePixelRatio)); return s.map((x, i) => i % step ? "" : tick(names(x))); } }
    : { values: (u, s) => s.map(short) };
  const xRange = () => {
    const x = shown.data[0], low = x[0] ?? 0, high = x.at(-1) ?? 0;
    if (chart.axis === "quantile") return [1, Math.max(high, 10)];
    const room = low === high ? 1 : (high - low) * 0.04;
    return [low - room, high + room];
  };
  const plot = new uPlot({
    padding: [null, chart.axis === "name" ? nameWidth / 2 : null, null, null],
    width: place.clientWidth, height: 300, legend: { show: false }, cursor: { drag: { x: false, y: false } },
    scales: { x: { time: false, distr: chart.axis === "quantile" ? 3 : 1, range: xRange },
      y: chart.yLog ? { distr: 3 } : { range: (u, low, high) => [Math.min(0, low ?? 0), Math.max(0, high ?? 1) * 1.1 || 1] } },
    axes: [axis(chart.xTitle, xAxis), axis(chart.yTitle, { size: 60, grid: { stroke: () => colour("--grid"), filter: yGrid }, values: (u, s) => s.map((v) => v == null ? "" : short(v)) })],
    series: [{}, ...chart.series.map(({ kind, paint, dash }) => {
      const stroke = () => colour(paint);
      return { stroke, width: 2, dash, spanGaps: kind === "curve",
        paths: kind === "points" ? () => null : undefined,
        points: kind === "curve" ? { show: true, size: 12, fill: stroke, filter: () => [shown.data[0].indexOf(1)] }
          : { show: () => kind === "points" || chart.axis === "name" || shown.data[0].length < 12, filter: (u, i, all) => all ? null : isolated(u.data[i]), size: 7, fill: () => colour("--paper") } };
    })],
    hooks: { setCursor: [(u) => {
      const at = u.cursor.idx, on = at != null && u.cursor.left >= 0;
      pointed.textContent = on ? "at " + legend.dataset.x + " " + names(shown.data[0][at]).replace("\n", " ") : "";
      [...legend.querySelectorAll("span")].forEach((place, i) => {
        const value = on ? shown.data[i + 1][at] : undefined;
        place.textContent = value == null ? summary(i) : short(value);
      });
    }] },
  }, shown.data, place);
  legend.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const show = button.getAttribute("aria-pressed") === "false";
    button.setAttribute("aria-pressed", String(show));
    plot.setSeries(Number(button.dataset.series) + 1, { show });
  });
  drawn.set(index, { plot, place, choose: () => { shown = shownOf(chart); plot.setData(shown.data); summarise(); } });
  summarise();
}

/** What is folded or not chosen has no width, and is drawn when it gets one. */
function drawVisible() {
  charts.forEach((_, index) => { if (!drawn.has(index) && byId("plot-" + index).checkVisibility()) draw(index); });
}
function resize() {
  drawVisible();
  for (const { plot, place } of drawn.values()) if (place.checkVisibility()) plot.setSize({ width: place.clientWidth, height: 300 });
}
function choose(select) {
  const figures = byId(select.dataset.of);
  for (const choice of figures.children) choice.hidden = choice.dataset.choice !== select.value;
  resize();
}
for (const select of document.querySelectorAll("select[data-of]")) { select.addEventListener("change", () => choose(select)); choose(select); }
for (const select of document.querySelectorAll("select[data-label]")) select.addEventListener("change", () => {
  chosenLabel = select.value;
  for (const row of document.querySelectorAll("tr[data-label]")) row.hidden = chosenLabel !== "" && row.dataset.label !== chosenLabel;
  for (const { choose: again } of drawn.values()) again();
});
const repaint = () => { for (const { plot } of drawn.values()) plot.redraw(); };
drawVisible();
addEventListener("toggle", resize, true);
addEventListener("resize", resize);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
for (const event of ["beforeprint", "afterprint"]) addEventListener(event, () => { resize(); repaint(); });
document.documentElement.dataset.drawn = String(drawn.size);`;
