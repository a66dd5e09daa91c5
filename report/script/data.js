// What the page was made from: the element #data holds it as JSON.

const byID = (id) => document.getElementById(id);

function readData() {
  const island = byID("data");
  if (!island) return null;
  const data = JSON.parse(island.textContent);
  data.metrics.forEach((metric, index) => Object.assign(metric, { index }));
  return data;
}

// What a row or a size has of a metric; undefined or null for nothing.
const valueOf = (row, metric) => row.values[metric.index];
const rawOf = (row, metric) => row.raw[metric.index] ?? [];
const verdictOf = (row, metric) => row.verdicts?.[metric.verdict];

// figure prints a value to three significant digits, as the page's tables do.
function figure(value) {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  if (size >= 1e6 || size < 1e-4) return exponential(value);
  const rounded = Number(size.toPrecision(3)); // 9.996 is 10.0
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(rounded))));
}

// ratioFigure prints a ratio as the page's tables do: to hundredths about 1, and a small
// one to three significant digits.
function ratioFigure(value) {
  if (!Number.isFinite(value)) return "–";
  if (value < 0.1) return figure(value);
  if (value >= 1e6) return exponential(value);
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

// exponential has an exponent of two digits at least, 1.5e+06, but for what rounds to 0.0001.
function exponential(value) {
  const rounded = Number(value.toPrecision(3));
  if (Math.abs(rounded) === 1e-4) return String(rounded);
  return rounded.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

const format = (metric) => (metric.ratio ? ratioFigure : figure);

// amount prints a value with its unit.
const amount = (metric, value) => (format(metric)(value) + " " + metric.unit).trim();

// bounded reports whether a value has an interval that a logarithmic axis can show.
const bounded = (value) => value[1] > 0 && Number.isFinite(value[2]);

// span prints an interval; nothing where there were too few rounds for one.
const span = (metric, value) => (bounded(value) ? `${format(metric)(value[1])} to ${format(metric)(value[2])}` : "");

// element makes an HTML element with properties and children; no text is ever
// parsed as HTML.
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// shape makes an SVG element with attributes.
function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
