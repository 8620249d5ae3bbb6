// Search, filter and keys; on the page of a cell, the rows that it shares with others. Without it what differs is there.
"use strict";

const form = document.getElementById("filter");
if (form) matrix(form); else { sharedRows(); backToTheFilter(); }

function sharedRows() {
  const root = document.body.dataset.root;
  for (const table of document.querySelectorAll("table[data-rows]")) {
    const rows = document.createElement("template");
    rows.innerHTML = table.dataset.rows.split(" ").map((number) => globalThis.ROWS?.[parseInt(number, 36)] ?? "").join("");
    for (const frame of rows.content.querySelectorAll("iframe[data-src]")) frame.src = root + frame.dataset.src;
    table.append(rows.content);
  }
}

function matrix(form) {
  const rows = [...document.querySelectorAll("#matrix tbody tr:not(.area)")].map((row) => ({
    row,
    area: row.parentElement.dataset.area,
    text: row.textContent.toLowerCase(),
    cells: [...row.querySelectorAll("a.v")].map((link) => ({
      link,
      column: link.dataset.c,
      verdict: link.dataset.v,
      surfaces: new Map((link.dataset.s || "").split("|").filter(Boolean).map((pair) => pair.split(":"))),
    })),
  }));
  const names = ["q", "area", "lane", "surface", "verdict"];

  const fits = (cell, want) => {
    if (want.lane && cell.column !== want.lane) return false;
    if (!want.verdict) return !want.surface || cell.surfaces.has(want.surface);
    if (!want.surface) return cell.verdict === want.verdict;
    return (cell.surfaces.get(want.surface) || "identical") === want.verdict;
  };

  const apply = () => {
    const want = Object.fromEntries(names.map((name) => [name, form.elements[name].value]));
    const words = want.q.toLowerCase().split(/\s+/).filter(Boolean);
    const narrow = want.lane || want.surface || want.verdict;
    let shown = 0;
    for (const { row, area, text, cells } of rows) {
      const fitting = cells.filter((cell) => fits(cell, want));
      for (const cell of cells) cell.link.classList.toggle("off", Boolean(narrow) && !fitting.includes(cell));
      row.hidden = (want.area && area !== want.area) || !words.every((word) => text.includes(word)) ||
        (Boolean(narrow) && fitting.length === 0);
      shown += row.hidden ? 0 : 1;
    }
    for (const body of document.querySelectorAll("#matrix tbody"))
      body.hidden = ![...body.querySelectorAll("tr:not(.area)")].some((row) => !row.hidden);
    document.getElementById("shown").textContent = `${shown} of ${rows.length} scenarios`;
    document.getElementById("nothing").hidden = shown > 0;
  };

  const fromHash = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const name of names) form.elements[name].value = state.get(name) || "";
    apply();
  };

  const toHash = () => {
    const state = new URLSearchParams();
    for (const name of names) if (form.elements[name].value) state.set(name, form.elements[name].value);
    history.replaceState(null, "", `${location.pathname}${location.search}#${state}`);
    remember(location.hash);
    apply();
  };

  const move = (from, key) => {
    const cell = from.closest("td");
    const links = (row) => [...row.querySelectorAll("a.v")];
    const visible = rows.filter(({ row }) => !row.hidden).map(({ row }) => row);
    const at = visible.indexOf(cell.parentElement);
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const own = links(cell.parentElement);
      return own[own.indexOf(from) + (key === "ArrowLeft" ? -1 : 1)];
    }
    const next = visible[at + (key === "ArrowUp" ? -1 : 1)];
    if (!next) return undefined;
    return links(next).find((link) => link.closest("td").cellIndex === cell.cellIndex) || links(next)[0];
  };

  form.addEventListener("input", toHash);
  form.addEventListener("reset", () => setTimeout(toHash));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    document.querySelector("#matrix tbody:not([hidden]) tr:not([hidden]) a.v:not(.off)")?.focus();
  });
  addEventListener("hashchange", () => { remember(location.hash); fromHash(); });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const link = document.activeElement?.closest("#matrix a.v");
    if (event.key === "/" && !/INPUT|SELECT/.test(document.activeElement?.tagName || "")) {
      event.preventDefault();
      form.elements.q.focus();
    } else if (event.key === "Escape") {
      form.reset();
    } else if (link && event.key.startsWith("Arrow")) {
      const next = move(link, event.key);
      if (next) { event.preventDefault(); next.focus(); }
    }
  });
  fromHash();
}

function remember(hash) {
  try { sessionStorage.setItem("filter", hash); } catch { /* then the way back is to the whole matrix */ }
}

function backToTheFilter() {
  try {
    const back = document.getElementById("back");
    const hash = sessionStorage.getItem("filter") || "";
    if (back && hash.startsWith("#")) back.href = back.getAttribute("href") + hash;
  } catch { /* no storage here */ }
}
