// What the page can do with a script. Whoever replaces a part of the page, as one
// that follows a run does, sends the document the event "page".

let view; // that of explore

function start(arrive) {
  // The tables of words that begin a record go by their order: they stay as they are.
  for (const table of document.querySelectorAll("main table:not(.enhanced, .choices)")) {
    table.classList.add("enhanced");
    copyable(table);
    if (table.id !== "view-table") sortable(table); // which is sorted when it is filled
  }
  view = explore(readData(), arrive, view);
}

document.addEventListener("page", () => start(false));
start(true);
