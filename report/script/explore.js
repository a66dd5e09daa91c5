// The section in which a view is chosen: its controls, its chart, its table.

// explore sets the section up and returns its view; it goes to it if the URL names a view
// and arrive is set. What was chosen in the view before stays so.
function explore(data, arrive, before) {
  const section = byID("explore");
  if (!section || !data?.records.length) return before;
  const view = { data, chosen: before?.chosen };
  const named = readAddress(view);

  // fill offers choices in a select, and hides one that has none to offer.
  const fill = (id, list, name, chosen) => {
    const select = byID(id);
    select.replaceChildren(...list.map((one) => element("option", { value: list.indexOf(one), textContent: name(one), selected: one === chosen })));
    select.parentElement.hidden = list.length < 2;
  };

  const controls = () => {
    fill("view-record", data.records, (r) => r.label, view.record);
    fill("view-profile", view.record.profiles, (p) => p.name, view.profile);
    fill("view-buffers", view.profile.buffers, (b) => b.name, view.buffers);
    fill("view-metric", metricsOf(view), (m) => m.name + (m.unit && `, ${m.unit}`), view.metric);
    byID("view-strategies").replaceChildren(...view.record.strategies.map((s) => {
      const box = element("input", { type: "checkbox", value: s.name, checked: !view.without.has(s.name) });
      const key = shape("svg", { viewBox: "-7 -7 14 14", width: 14, height: 14, "aria-hidden": "true" },
        shape("path", { class: s.hollow ? `f-paper s-${s.hue} hollow` : `f-${s.hue}`, d: s.shape }));
      return element("label", {}, box, key, s.name);
    }));
  };

  // drawChart draws the chart as wide as it has room, and returns its points. Of the
  // strategy and size that were chosen the value is so again, if there is one.
  const drawChart = () => {
    const points = pointsOf(view);
    const holder = byID("view-chart");
    const width = Math.round(Math.min(Math.max(holder.clientWidth, 280), 1000));
    const none = element("p", { textContent: "No strategy is chosen that has this figure." });
    holder.replaceChildren(points.length ? plot(view, points, width, choose) : none);
    const at = points.findIndex((p) => p.strategy.name === view.chosen?.strategy.name && p.size.bytes === view.chosen.size.bytes);
    if (at >= 0) choose(points[at], holder.querySelectorAll(".mark")[at]);
    else choose(null);
    return points;
  };

  const draw = () => {
    const points = drawChart();
    byID("view-caption").textContent = `${view.metric.name}: ${view.buffers.title}, NIC profile ${view.profile.name}`;
    viewTable(view, points);
  };

  // choose shows one value in full, by its mark, or says how to choose one.
  const choose = (point, mark) => {
    for (const other of section.querySelectorAll(".mark.chosen")) other.classList.remove("chosen");
    mark?.classList.add("chosen");
    view.chosen = point;
    const hint = "Point at a value, or go to it by Tab and the arrow keys, for its interval, its rounds and its raw points.";
    byID("view-detail").replaceChildren(...(point ? detail(view, point) : [element("p", { textContent: hint })]));
  };

  // changed draws anew what a control has changed, and names it in the URL.
  const changed = () => {
    history.replaceState(null, "", writeAddress(view));
    draw();
  };

  // keep takes from a list what is named as the one chosen before, or its first.
  const keep = (list, key, before) => list.find((one) => one[key] === before?.[key]) ?? list[0];
  const settle = () => {
    view.profile = keep(view.record.profiles, "name", view.profile);
    view.buffers = keep(view.profile.buffers, "name", view.buffers);
    view.metric = keep(metricsOf(view), "key", view.metric);
    controls();
    changed();
  };
  byID("view-record").onchange = (e) => { view.record = data.records[e.target.value]; settle(); };
  byID("view-profile").onchange = (e) => { view.profile = view.record.profiles[e.target.value]; settle(); };
  byID("view-buffers").onchange = (e) => { view.buffers = view.profile.buffers[e.target.value]; settle(); };
  byID("view-metric").onchange = (e) => { view.metric = metricsOf(view)[e.target.value]; changed(); };
  byID("view-strategies").onchange = (e) => {
    view.without[e.target.checked ? "delete" : "add"](e.target.value);
    changed();
  };
  byID("view-all").onclick = () => { view.without.clear(); controls(); changed(); };
  byID("view-none").onclick = () => { view.record.strategies.forEach((s) => view.without.add(s.name)); controls(); changed(); };
  byID("view-link").onclick = () => {
    history.replaceState(null, "", writeAddress(view));
    copy(location.href, byID("view-status"), "Copied the link.");
  };
  window.onhashchange = () => { if (readAddress(view)) { controls(); draw(); } };

  for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;
  controls();
  draw();
  if (named && arrive) section.scrollIntoView();
  let width = byID("view-chart").clientWidth;
  new ResizeObserver(() => {
    if (Math.abs(byID("view-chart").clientWidth - width) < 8) return;
    width = byID("view-chart").clientWidth;
    drawChart();
  }).observe(byID("view-chart"));
  return view;
}

// viewTable fills the table behind the chart.
function viewTable(view, points) {
  const { metric } = view;
  const table = byID("view-table");
  const head = (text, n) => element("th", { scope: "col", className: n ? "n" : "", textContent: text });
  table.tHead.replaceChildren(element("tr", {}, head("Size"), head("Strategy"),
    head(metric.name + (metric.unit && `, ${metric.unit}`), true), head("Interval", true), head("Rounds", true), head("Verdict")));
  const cell = (text, className = "") => element("td", { textContent: text, className });
  const rows = points.toSorted((a, b) => a.size.bytes - b.size.bytes).map((p) => element("tr", {},
    element("th", { scope: "row", textContent: p.size.text }), element("th", { scope: "row", textContent: p.strategy.name }),
    cell(format(metric)(p.value[0])), cell(span(metric, p.value) || "–"), cell(String(p.row.rounds)), cell(verdictOf(p.row, metric) ?? "–", "t")));
  table.replaceChildren(table.caption, table.tHead, element("tbody", {}, ...rows));
  sortable(table);
}
