// Rules of accessibility, after WCAG 2.2 at level AA and the ARIA specification. The
// expression's value lists violations, each as "rule: what".
(() => {
  const found = [];
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const what = (e) => {
    const words = (e.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${e.tagName.toLowerCase()}${e.id ? " id=" + e.id : ""}${e.getAttribute("class") ? " class=" + e.getAttribute("class") : ""}> ${words}`;
  };
  const violated = (rule, e) => found.push(`${rule}: ${typeof e === "string" ? e : what(e)}`);
  const shown = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
  const hiddenFromAT = (e) => e.closest("[aria-hidden=true]") !== null || !shown(e);

  // A name, as far as this page gives names (https://www.w3.org/TR/accname-1.2/).
  const text = (e) => [...e.childNodes].map((n) =>
    n.nodeType === 3 ? n.data : n.nodeType === 1 && n.getAttribute("aria-hidden") !== "true" ? text(n) : "").join("").trim();
  const nameOf = (e) => {
    const by = e.getAttribute("aria-labelledby");
    if (by) return by.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim();
    const own = e.getAttribute("aria-label")?.trim();
    if (own) return own;
    if (e.labels?.length) return [...e.labels].map((l) => text(l)).join(" ").trim();
    if (e instanceof SVGElement) return [...e.children].find((c) => c.tagName === "title")?.textContent.trim() ?? "";
    return text(e);
  };

  // The document: 2.4.2, 3.1.1, 1.4.4, 2.4.1, 1.3.1.
  if (!document.title.trim()) violated("title", document.documentElement);
  if (!document.documentElement.lang) violated("language", document.documentElement);
  const viewport = document.querySelector("meta[name=viewport]")?.content ?? "";
  if (/user-scalable\s*=\s*(no|0)|maximum-scale\s*=\s*[0-4](\D|$)/.test(viewport)) violated("zoom", viewport);
  for (const landmark of ["main", "body > header", "body > footer"]) {
    if (all(landmark).length !== 1) violated("landmark", `${all(landmark).length} of ${landmark}`);
  }
  if (all("h1").length !== 1) violated("heading", `${all("h1").length} of h1`);
  let level = 0;
  for (const h of all("h1,h2,h3,h4,h5,h6").filter(shown)) {
    const own = Number(h.tagName[1]);
    if (own > level + 1) violated("heading-order", h);
    if (!h.textContent.trim()) violated("empty-heading", h);
    level = own;
  }
  for (const e of all("body > *")) {
    if (!e.matches("header,main,footer,nav,script") && text(e)) violated("region", e);
  }
  const landmarks = new Map();
  for (const e of all("nav,[role=region]").filter(shown)) {
    const name = e.tagName + nameOf(e);
    if (!e.hasAttribute("aria-label") && !e.hasAttribute("aria-labelledby")) violated("region-name", e);
    if (e.tagName === "NAV" && landmarks.has(name)) violated("landmark-unique", e);
    landmarks.set(name, e);
  }

  // Names, roles, values: 1.1.1, 4.1.2.
  const ids = new Set();
  for (const e of all("[id]")) {
    if (ids.has(e.id)) violated("duplicate-id", e);
    ids.add(e.id);
  }
  for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls", "for"]) {
    for (const e of all(`[${attribute}]`)) {
      for (const id of e.getAttribute(attribute).split(/\s+/)) if (!ids.has(id)) violated("reference", e);
    }
  }
  for (const e of all("button,a[href],select,input,textarea,summary").filter((e) => !hiddenFromAT(e))) {
    if (!nameOf(e)) violated("name", e);
    else if (e.matches("button") && !nameOf(e).includes(text(e))) violated("label-in-name", e); // 2.5.3
  }
  for (const e of all("svg,img,[role=img]").filter((e) => !hiddenFromAT(e) && !e.closest("[role=img] [role=img]"))) {
    if (!nameOf(e)) violated("image-name", e);
  }
  for (const e of all("fieldset")) if (!e.querySelector(":scope > legend")?.textContent.trim()) violated("legend", e);
  const roles = ["region", "img", "group", "status", "note"];
  for (const e of all("[role]")) if (!roles.includes(e.getAttribute("role"))) violated("role", e);
  const states = ["label", "labelledby", "live", "sort", "hidden", "controls", "describedby"];
  for (const e of all("body *")) {
    for (const a of e.attributes) {
      if (a.name.startsWith("aria-") && !states.includes(a.name.slice(5))) violated("aria", e);
    }
  }
  for (const e of all("[aria-sort]")) {
    if (!["ascending", "descending", "none"].includes(e.getAttribute("aria-sort")) || e.tagName !== "TH") violated("sort", e);
  }

  // Keyboard: 2.1.1, 2.4.3, 4.1.2.
  for (const e of all("[tabindex]")) {
    if (e.tabIndex > 0) violated("tabindex", e);
    if (e.tabIndex >= 0 && !nameOf(e)) violated("focus-name", e);
    if (e.closest("[aria-hidden=true]")) violated("hidden-focus", e);
  }
  for (const e of all("button,a[href],select,input,summary")) {
    if (e.querySelector("button,a[href],select,input,[tabindex]")) violated("nested", e);
  }
  for (const e of all("body *").filter(shown)) {
    const scrolls = /auto|scroll/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1;
    if (scrolls && e.tabIndex < 0) violated("scrollable", e);
  }
  // 2.5.8: 24 by 24 pixels, but for links in text, boxes within their label, and values
  // of a chart, whose place is essential.
  for (const e of all("button,select,summary").filter(shown)) {
    const box = e.getBoundingClientRect();
    if (box.width < 24 || box.height < 23.5) violated("target-size", e);
  }

  // Structure: 1.3.1.
  for (const table of all("table")) {
    if (!table.querySelector("caption")?.textContent.trim() && !table.closest("[aria-label],details")) violated("table-name", table);
    if (table.rows.length && !table.querySelector("th")) violated("table-head", table);
    for (const th of all("th", table)) if (!["col", "row", "colgroup", "rowgroup"].includes(th.scope)) violated("scope", th);
    const width = (row) => [...row.cells].reduce((n, c) => n + c.colSpan, 0);
    for (const body of table.tBodies) {
      const left = new Map(); // rows that a cell goes on into
      [...body.rows].forEach((row, i) => {
        for (const c of row.cells) if (c.rowSpan > 1) for (let k = 1; k < c.rowSpan; k++) left.set(i + k, (left.get(i + k) ?? 0) + c.colSpan);
        if (table.tHead?.rows[0] && width(row) + (left.get(i) ?? 0) !== width(table.tHead.rows[0])) violated("table-shape", row);
      });
    }
  }
  for (const e of all("li")) if (!["UL", "OL"].includes(e.parentElement.tagName)) violated("list", e);
  for (const e of all("dt,dd")) if (e.parentElement.tagName !== "DL") violated("list", e);
  for (const e of all("ul > *,ol > *")) if (e.tagName !== "LI") violated("list", e);

  // Contrast: 1.4.3 for text, 1.4.11 for what shows a control.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const known = new Map();
  const parse = (colour) => {
    if (!known.has(colour)) known.set(colour, rgba(colour));
    return known.get(colour);
  };
  const luminance = (c) => c.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const ground = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  for (const e of all("body *")) {
    if (!shown(e) || e.closest("svg") || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast(parse(style.color), ground(e)) < (large ? 3 : 4.5)) violated("contrast", e);
  }
  // Text of a chart lies on paper, or on the cell of a heat map that was drawn before it.
  for (const svg of all("svg").filter(shown)) {
    const cells = all("path", svg).filter((p) => /\bf-(up|dn)\d/.test(p.getAttribute("class") ?? "")).map((p) => [p.getBBox(), parse(getComputedStyle(p).fill)]);
    const seen = new Set();
    for (const t of all("text", svg)) {
      const box = t.getBBox();
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const under = cells.find(([c]) => x > c.x && x < c.x + c.width && y > c.y && y < c.y + c.height)?.[1] ?? ground(svg);
      const colour = parse(getComputedStyle(t).fill);
      const pair = colour + "/" + under;
      if (!seen.has(pair) && contrast(colour, under) < 4.5) violated("contrast", t);
      seen.add(pair);
    }
  }
  for (const e of all("button,select").filter(shown)) {
    const style = getComputedStyle(e);
    const width = parseFloat(style.borderTopWidth);
    if (width && contrast(parse(style.borderTopColor), ground(e.parentElement)) < 3) violated("control-contrast", e);
  }

  // 2.3.3: nothing moves.
  for (const e of all("body *")) {
    const style = getComputedStyle(e);
    if (style.animationName !== "none" || parseFloat(style.transitionDuration) > 0) violated("motion", e);
  }
  return [...new Set(found)];
})()
