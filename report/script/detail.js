// One value in full: its interval, its rounds and its raw points.

// say is a value in a sentence.
function say(view, point) {
  const { metric } = view;
  const interval = span(metric, point.value);
  return `${point.strategy.name} at ${point.size.text}: ${amount(metric, point.value[0])}` +
    (interval ? ` (${interval})` : "") + `, ${point.row.rounds} rounds`;
}

function detail(view, point) {
  const { metric } = view;
  const { row, value } = point;
  const facts = element("dl");
  const fact = (name, text) => { if (text) facts.append(element("dt", { textContent: name }), element("dd", { textContent: text })); };
  fact(metric.name, amount(metric, value[0]));
  fact(`${view.data.confidence} interval`, span(metric, value) || "too few rounds for one");
  fact("Rounds", String(row.rounds) + (row.invalid ? ` and ${row.invalid} invalid` : ""));
  fact("Verdict", verdictOf(row, metric));
  const raw = rawOf(row, metric);
  if (raw.length) fact(rawName(row, raw), raw.map((v) => format(metric)(v)).join(", "));
  const out = [element("h3", { textContent: `${point.strategy.name} at ${point.size.text}` }), facts];
  const known = raw.filter((v) => v > 0);
  if (known.length > 1) out.push(strip(view, point, known));
  return out;
}

// rawName heads the raw points: of very many rounds the page has some.
function rawName(row, raw) {
  const of = row.sampled ?? raw.length;
  return raw.length < of ? `${raw.length} of ${of} rounds, evenly by rank` : "Round by round";
}

// strip draws raw points on a line, with the median and its interval above them.
function strip(view, point, raw) {
  const { value, strategy } = point;
  const low = Math.min(...raw, value[0]);
  const high = Math.max(...raw, value[0]);
  const x = logScale(low, Math.max(high, low * 1.0001), 10, 310);
  const svg = shape("svg", { class: "strip", viewBox: "0 0 320 34", role: "img", "aria-label": `Raw points from ${amount(view.metric, low)} to ${amount(view.metric, high)}` });
  svg.append(line("axis", 10, 24, 310, 24));
  for (const v of raw) svg.append(shape("circle", { class: `f-${strategy.hue} raw`, cx: x(v), cy: 24, r: 3 }));
  if (bounded(value)) svg.append(shape("path", { class: `s-${strategy.hue} interval`, d: `M${x(Math.max(value[1], low))} 10H${x(value[2])}` }));
  svg.append(shape("path", { class: `f-${strategy.hue}`, d: strategy.shape, transform: `translate(${x(value[0])} 10)` }));
  return svg;
}
