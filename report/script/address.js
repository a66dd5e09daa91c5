// A view's address: the part of the URL behind #view?, so that a link leads to it.

const viewMark = "#view?";

function writeAddress(view) {
  const q = new URLSearchParams();
  if (view.data.records.length > 1) q.set("record", view.record.label);
  q.set("profile", view.profile.name);
  q.set("buffers", view.buffers.name);
  q.set("figure", view.metric.key);
  for (const s of view.record.strategies) if (view.without.has(s.name)) q.append("without", s.name);
  return viewMark + q;
}

// readAddress chooses what the URL names; what it doesn't, or names wrongly, stays
// at the first. It reports whether the URL names a view at all.
function readAddress(view) {
  const named = location.hash.startsWith(viewMark);
  const q = new URLSearchParams(named ? location.hash.slice(viewMark.length) : "");
  const pick = (list, key, value) => list.find((one) => one[key] === value) ?? list[0];
  view.record = pick(view.data.records, "label", q.get("record"));
  view.profile = pick(view.record.profiles, "name", q.get("profile"));
  view.buffers = pick(view.profile.buffers, "name", q.get("buffers"));
  view.metric = pick(metricsOf(view), "key", q.get("figure"));
  view.without = new Set(q.getAll("without"));
  return named;
}

// metricsOf are the figures that the chosen buffers have.
const metricsOf = (view) =>
  view.data.metrics.filter((m) => view.buffers.sizes.some((size) => size.rows.some((row) => valueOf(row, m))));

// pointsOf are the values of a view: those of the strategies that are shown, by
// strategy and then size.
function pointsOf(view) {
  const points = [];
  view.record.strategies.forEach((strategy, index) => {
    if (view.without.has(strategy.name)) return;
    for (const size of view.buffers.sizes) {
      const row = size.rows.find((r) => r.strategy === index);
      const value = row && valueOf(row, view.metric);
      if (value && value[0] > 0) points.push({ strategy, size, row, value });
    }
  });
  return points;
}
