// follow shows each page after the version given, as the run's server has it, until
// the run has ended or the server doesn't answer any more.
async function follow(version) {
  for (let missed = 0; missed < 4; ) {
    await seen();
    let answer;
    let text;
    try {
      answer = await fetch("/?after=" + encodeURIComponent(version), { cache: "no-store" });
      text = await answer.text();
    } catch {
      answer = undefined;
    }
    if (!answer?.ok) {
      missed++;
      await new Promise((resume) => setTimeout(resume, 1500));
      continue;
    }
    missed = 0;
    version = JSON.parse(answer.headers.get("ETag") ?? '""');
    if (answer.status === 200) show(text);
    if (answer.headers.get("Sendbench-Run") === "ended") return;
  }
  document.getElementById("live").textContent =
    "The run's server doesn't answer any more: the run has ended, or was killed. This page stays as it was last; sendbench report draws the record.";
}

// seen waits until the page can be seen: nothing is asked for behind other windows.
function seen() {
  if (!document.hidden) return undefined;
  return new Promise((resume) => document.addEventListener("visibilitychange", resume, { once: true }));
}

const part = (page, name) => page.querySelector(`body > ${name}`);

// show puts a page in the place of the one that is shown, with what was chosen in that.
// A page of another kind has another script, too, and is loaded.
function show(text) {
  const next = new DOMParser().parseFromString(text, "text/html");
  const parts = ["header", "main", "footer"].filter((name) => part(document, name));
  if (!part(document, "header") !== !part(next, "header")) return location.reload();
  const restore = keep();
  document.title = next.title;
  for (const name of parts) part(document, name).replaceWith(part(next, name));
  document.dispatchEvent(new Event("page"));
  restore();
}

// keep remembers what a reader has opened, sorted, scrolled and is at; what it returns
// does that again. What is chosen of the data is in the URL, and its script's matter.
function keep() {
  const opened = named("details").filter(([, one]) => one.open).map(([name]) => name);
  const offsets = named(".scroll").map(([name, one]) => [name, one.scrollLeft]);
  const sorted = [...document.querySelectorAll("th[aria-sort]")].map((head) => [head.closest("table").id, head.cellIndex, head.ariaSort]);
  const [focus] = named(focusable).find(([, one]) => one === document.activeElement) ?? [];
  const anchor = [...document.querySelectorAll("main [id]")].find((one) => one.getBoundingClientRect().bottom > 0);
  const top = anchor?.getBoundingClientRect().top;
  return () => {
    for (const [name, one] of named("details")) one.open = one.open || opened.includes(name);
    for (const [id, column, order] of sorted) sort(document.getElementById(id), column, order);
    const places = new Map(offsets);
    for (const [name, one] of named(".scroll")) one.scrollLeft = places.get(name) ?? 0;
    named(focusable).find(([name]) => name === focus)?.[1].focus({ preventScroll: true });
    const now = anchor && document.getElementById(anchor.id);
    if (now) scrollBy({ top: now.getBoundingClientRect().top - top, behavior: "instant" });
  };
}

const focusable = "a[href], button, input, select, summary, [tabindex]";

// named are the elements of a kind, each under a name that it has in the next page, too:
// its id, the cell that it is of or what it is called, less figures that grow, and how
// many of that name are before it.
function named(kind) {
  const count = new Map();
  return [...document.querySelectorAll(kind)].map((one) => {
    const called = one.ariaLabel || (one.querySelector("summary") ?? one).textContent || one.value || "";
    const name = `${one.tagName} ${one.name ?? ""} ${one.id || one.dataset.cell || called.replace(/\d+/g, "")}`;
    count.set(name, (count.get(name) ?? 0) + 1);
    return [`${name} ${count.get(name)}`, one];
  });
}

// sort presses a column's button until the column is in an order again.
function sort(table, column, order) {
  const head = table?.tHead?.rows[0]?.cells[column];
  for (let press = 0; press < 2 && head && head.ariaSort !== order; press++) head.querySelector("button")?.click();
}
