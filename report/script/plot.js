// The chart of a view: lines over sizes or, of a single size, a row a strategy.

// plot draws points into a new SVG element as wide as there is room; chosen is
// called with the point that is pointed at or has the focus.
function plot(view, points, width, chosen) {
  const title = `${view.metric.name}, ${view.buffers.name} buffers, NIC profile ${view.profile.name}`;
  const svg = shape("svg", { class: "view", role: "group", "aria-label": title + ". Arrow keys go from value to value." });
  if (view.buffers.sizes.length > 1) plotLines(svg, view, points, width, chosen);
  else plotRows(svg, view, points, width, chosen);
  rove(svg);
  return svg;
}

const place = (svg, width, height) => svg.setAttribute("viewBox", `0 0 ${width} ${height}`);

const line = (name, x1, y1, x2, y2) => shape("path", { class: `s-${name}`, d: `M${x1} ${y1}L${x2} ${y2}` });

function label(x, y, text, anchor = "start", name = "soft") {
  return shape("text", { class: `f-${name}`, x, y, "text-anchor": anchor }, text);
}

function plotLines(svg, view, points, width, chosen) {
  const { metric } = view;
  const names = width >= 560 ? 150 : 8; // narrower, the list of strategies is the legend
  const shown = view.record.strategies.filter((s) => points.some((p) => p.strategy === s));
  const height = Math.max(380, 60 + 15 * shown.length);
  const area = { left: 46, right: width - names, top: 12, bottom: height - 30 };
  place(svg, width, height);
  const sizes = view.buffers.sizes;
  const [low, high] = extent(points, metric);
  const x = logScale(sizes[0].bytes, sizes.at(-1).bytes, area.left + 10, area.right - 10);
  const y = logScale(low, high, area.bottom, area.top);
  drawFloor(svg, sizes, metric, area, x, y);
  for (const t of ticks(low, high)) svg.append(line("grid", area.left, y(t), area.right, y(t)), label(area.left - 5, y(t) + 4, String(t), "end"));
  if (metric.ratio) svg.append(line("axis", area.left, y(1), area.right, y(1)));
  let free = Infinity; // labels from the right: the largest size matters most
  for (const size of sizes.toReversed()) {
    svg.append(line("axis", x(size.bytes), area.bottom, x(size.bytes), area.bottom + 4));
    const half = 3.4 * size.label.length + 3;
    if (x(size.bytes) + half > free) continue;
    svg.append(label(x(size.bytes), area.bottom + 17, size.label, "middle"));
    free = x(size.bytes) - half;
  }
  svg.append(line("axis", area.left, area.bottom, area.right, area.bottom));
  const ends = shown.map((s) => y(points.findLast((p) => p.strategy === s).value[0]));
  const places = spread(ends, 15, area.top, area.bottom);
  shown.forEach((strategy, i) => {
    const own = points.filter((p) => p.strategy === strategy);
    const path = own.map((p, k) => (k && sizes.indexOf(p.size) === sizes.indexOf(own[k - 1].size) + 1 ? "L" : "M") + `${x(p.size.bytes)} ${y(p.value[0])}`);
    svg.append(shape("path", { class: `s-${strategy.hue} curve`, d: path.join("") }));
    for (const p of own) svg.append(mark(view, p, x(p.size.bytes), y(p.value[0]), (v) => [x(p.size.bytes), y(v)], chosen));
    if (names < 100) return;
    const end = x(own.at(-1).size.bytes) + 6;
    svg.append(shape("path", { class: `s-${strategy.hue} leader`, d: `M${end} ${ends[i]}L${area.right + 4} ${ends[i]}L${area.right + 14} ${places[i]}` }));
    svg.append(label(area.right + 18, places[i] + 4, shortened(strategy.name, 19), "start", "ink"));
  });
}

// drawFloor fills the noise floor about 1, a step a size.
function drawFloor(svg, sizes, metric, area, x, y) {
  sizes.forEach((size, i) => {
    const floor = size.floor[metric.index];
    if (!floor) return;
    const from = i ? (x(sizes[i - 1].bytes) + x(size.bytes)) / 2 : area.left;
    const to = i < sizes.length - 1 ? (x(size.bytes) + x(sizes[i + 1].bytes)) / 2 : area.right;
    const top = y(1 + floor);
    svg.append(shape("path", { class: "f-band floor", d: `M${from} ${top}H${to}V${y(Math.max(1 - floor, 1e-9))}H${from}Z` }));
  });
}

function plotRows(svg, view, points, width, chosen) {
  const { metric } = view;
  const height = 40 + 26 * points.length;
  const area = { left: Math.min(160, width * 0.42), right: width - 14, top: 6, bottom: height - 28 };
  place(svg, width, height);
  const [low, high] = extent(points, metric);
  const x = logScale(low, high, area.left, area.right);
  const floor = view.buffers.sizes[0].floor[metric.index];
  if (floor) {
    const from = x(Math.max(1 - floor, 1e-9));
    svg.append(shape("path", { class: "f-band floor", d: `M${from} ${area.top}H${x(1 + floor)}V${area.bottom}H${from}Z` }));
  }
  let free = 0;
  for (const t of ticks(low, high)) {
    svg.append(line("grid", x(t), area.top, x(t), area.bottom));
    if (x(t) - 14 < free) continue;
    svg.append(label(x(t), area.bottom + 16, String(t), "middle"));
    free = x(t) + 14;
  }
  if (metric.ratio) svg.append(line("axis", x(1), area.top, x(1), area.bottom));
  points.forEach((p, i) => {
    const middle = area.top + 26 * (i + 0.5);
    svg.append(label(0, middle + 4, shortened(p.strategy.name, Math.floor(area.left / 7)), "start", "ink"));
    svg.append(mark(view, p, x(p.value[0]), middle, (v) => [x(v), middle], chosen));
  });
}

const shortened = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);

// mark draws one value, its interval and its raw points; at gives a figure's place.
function mark(view, point, x, y, at, chosen) {
  const { strategy, value, row } = point;
  const parts = [];
  const raw = rawOf(row, view.metric).filter((v) => v > 0);
  const dots = raw.map((v) => at(v)).map(([px, py]) => `M${px - 1} ${py - 1}h2v2h-2z`).join("");
  if (dots) parts.push(shape("path", { class: `f-${strategy.hue} raw`, d: dots }));
  if (bounded(value)) {
    parts.push(shape("path", { class: `s-${strategy.hue} interval`, d: `M${at(value[1]).join(" ")}L${at(value[2]).join(" ")}` }));
  }
  parts.push(shape("path", {
    class: strategy.hollow ? `f-paper s-${strategy.hue} hollow` : `f-${strategy.hue}`,
    d: strategy.shape, transform: `translate(${x} ${y})`,
  }));
  parts.push(shape("circle", { class: "target", cx: x, cy: y, r: 9 }));
  const g = shape("g", { class: "mark", role: "img", tabindex: -1, "aria-label": say(view, point), "data-cell": `${strategy.name} ${point.size.bytes}` }, ...parts);
  for (const event of ["pointerenter", "focus", "click"]) g.addEventListener(event, () => chosen(point, g));
  return g;
}

// rove makes the marks one stop of the Tab key; arrow keys, Home and End go between
// them.
function rove(svg) {
  const marks = [...svg.querySelectorAll(".mark")];
  if (marks.length) marks[0].setAttribute("tabindex", 0);
  for (const mark of marks) {
    mark.addEventListener("focus", () => marks.forEach((one) => one.setAttribute("tabindex", one === mark ? 0 : -1)));
  }
  svg.addEventListener("keydown", (event) => {
    const at = marks.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: marks.length - 1 }[event.key];
    if (at < 0 || to === undefined || !marks[to]) return;
    event.preventDefault();
    marks[to].focus();
  });
}
