// Tables that can be sorted by any column and copied as CSV.

// rowsOf are a table's rows as lists of cells, with the label of a group of rows
// put before each of them.
function rowsOf(table) {
  const rows = [];
  for (const body of table.tBodies) {
    let group = null;
    for (const tr of body.rows) {
      const cells = [...tr.cells];
      if (cells[0]?.scope === "rowgroup") group = cells[0];
      rows.push({ tr, group, cells: group && cells[0] !== group ? [group, ...cells] : cells });
    }
  }
  return rows;
}

// Factors of units that figures carry, to nanoseconds and bytes.
const units = { ns: 1, "µs": 1e3, ms: 1e6, s: 1e9, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

// sortValue is a cell's number in its smallest unit, NaN where it doesn't begin with one.
function sortValue(text) {
  const found = /^[<>±]?\s*(?:over )?(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(ns|µs|ms|s|B|KiB|MiB|GiB|TiB)?(?![\w.])/.exec(text);
  return found ? Number(found[1]) * (units[found[2]] ?? 1) : NaN;
}

// compare puts numbers in order, then words, then what has no figure.
function compare(a, b) {
  const [x, y] = [sortValue(a), sortValue(b)];
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  const rank = (text, value) => (!Number.isNaN(value) ? 0 : text === "" || text === "–" ? 2 : 1);
  return rank(a, x) - rank(b, y) || a.localeCompare(b, "en", { numeric: true });
}

const textOf = (cell) => cell?.textContent.trim() ?? "";

// sortable puts a button into each head of a table: upwards, downwards, as it was.
function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  const bodies = [...table.tBodies];
  const sort = (column, direction) => {
    const rows = rowsOf({ tBodies: bodies });
    rows.sort((a, b) => direction * compare(textOf(a.cells[column]), textOf(b.cells[column])));
    const body = element("tbody", { className: "sorted" }, ...rows.map(({ tr, group }) => {
      const own = tr.cloneNode(true);
      own.querySelector("[scope=rowgroup]")?.remove();
      if (group) own.prepend(element("th", { scope: "row", className: "g", textContent: textOf(group) }));
      return own;
    }));
    table.replaceChildren(...before(table), body);
  };
  let column = 0;
  for (const head of heads) {
    const own = column;
    column += head.colSpan;
    const button = element("button", { type: "button", className: "sort", textContent: textOf(head) });
    head.replaceChildren(button);
    button.onclick = () => {
      const next = { ascending: "descending", descending: undefined }[head.ariaSort ?? ""];
      const direction = head.ariaSort ? next : "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      if (!direction) return table.replaceChildren(...before(table), ...bodies);
      head.ariaSort = direction;
      sort(own, direction === "ascending" ? 1 : -1);
    };
  }
}

// before is what a table has ahead of its bodies.
const before = (table) => [table.caption, table.tHead].filter(Boolean);

// csv is a table as RFC 4180 has it. A spreadsheet takes text that begins with one
// of =+-@ for a formula, so that such text is quoted by an apostrophe.
function csv(table) {
  const field = (text) => {
    if (/^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text))) text = "'" + text;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const heads = [...table.tHead.rows[0].cells].flatMap((head) =>
    Array.from({ length: head.colSpan }, (_, i) => (i ? `${textOf(head)}, interval or note` : textOf(head))));
  const rows = rowsOf(table).map(({ cells }) => cells.map(textOf));
  return [heads, ...rows].map((row) => row.map(field).join(",") + "\r\n").join("");
}

// copyable puts a button below a table that copies it as CSV.
function copyable(table) {
  const status = element("span", { className: "status" });
  status.setAttribute("role", "status");
  const button = element("button", { type: "button", textContent: "Copy as CSV" });
  button.setAttribute("aria-label", `Copy as CSV: ${textOf(table.caption) || table.parentElement.getAttribute("aria-label") || "table"}`);
  button.onclick = () => copy(csv(table), status, `Copied ${rowsOf(table).length} rows.`);
  table.after(element("p", { className: "tools" }, button, status));
}

// copy puts text on the clipboard and says so; where the browser forbids that, it
// says what to do instead.
async function copy(text, status, done) {
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = done;
  } catch {
    status.textContent = "This browser doesn't let a page copy: select the text and copy it.";
  }
}
