"use strict";
(() => {
  const PER_CHUNK = 50;
  const root = document.documentElement;
  const pane = document.getElementById("pane");
  const form = document.getElementById("filters");
  const rows = [...document.querySelectorAll("#rows tr[data-flip]")];
  const chunks = new Map();
  const shown = { index: -1, shared: false, thinking: true };

  for (const one of document.querySelectorAll(".needs-script")) one.hidden = false;

  const remembered = () => { try { return localStorage.getItem("evalsuite-theme"); } catch { return null; } };
  const remember = (theme) => { try { localStorage.setItem("evalsuite-theme", theme); } catch { /* no storage */ } };
  if (remembered()) root.dataset.theme = remembered();
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    remember(root.dataset.theme);
  });

  // Model text becomes text nodes and nothing else.
  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };

  const inflate = async (number) => {
    const packed = document.getElementById(`chunk-${number}`);
    if (!packed) return null;
    const bytes = Uint8Array.from(atob(packed.textContent.trim()), (char) => char.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };
  const texts = async (index) => {
    const number = Math.floor(index / PER_CHUNK);
    if (!chunks.has(number)) chunks.set(number, inflate(number));
    const chunk = await chunks.get(number);
    return chunk ? chunk[index % PER_CHUNK] : undefined;
  };

  const commonLength = (a, b) => {
    let at = 0;
    while (at < a.length && a[at] === b[at]) at += 1;
    return at;
  };

  const response = (cell, name, [thinking, answer], common) => {
    const box = element("div", "response");
    const text = thinking + answer;
    const fold = common > 120 && !shown.shared;
    if (fold) {
      const button = element("button", "fold", `${common.toLocaleString("en")} characters the same in both`);
      button.type = "button";
      button.addEventListener("click", () => { shown.shared = true; open(shown.index); });
      box.append(button);
    }
    const parts = [];
    const cut = fold ? common : 0;
    const add = (from, to, className) => { if (to > from) parts.push([from, to, className]); };
    const edge = thinking.length;
    const first = Math.min(common, text.length);
    add(cut, Math.min(first, edge), "thinking");
    add(Math.max(cut, edge), first, "");
    const mark = parts.length;
    add(Math.max(first, cut), edge, "thinking");
    add(Math.max(first, edge, cut), text.length, "");
    parts.forEach(([from, to, className], number) => {
      if (className && !shown.thinking) return;
      const pre = element("pre", className);
      if (number === mark && common < text.length) pre.append(element("span", "parts", "⑂ first difference"), " ");
      pre.append(text.slice(from, to));
      box.append(pre);
    });
    if (!text) box.append(element("p", "soft", "No text was kept for this answer."));
    const heading = element("h4", "", name);
    return element("div", "", heading, element("p", "soft", cell.innerText.replace(/\s+/g, " ")), box);
  };

  const open = async (index) => {
    const row = rows[index];
    if (!row) return;
    shown.index = index;
    for (const one of rows) one.classList.toggle("open", one === row);
    const cells = row.cells;
    const heads = document.querySelectorAll("#rows thead th");
    const title = element("h3", "", `${cells[0].innerText.replace(/\n/g, " · ")} · ${cells[1].innerText} · gold ${cells[2].innerText}`);
    let pair;
    try {
      pair = await texts(index);
    } catch (error) {
      pane.replaceChildren(title, element("p", "", `The texts of this flip could not be read: ${error.message}`));
      return;
    }
    if (shown.index !== index) return;
    if (!pair) {
      pane.replaceChildren(title, element("p", "soft", "The texts of this flip are not in this page."));
      return;
    }
    const common = commonLength(pair.a.join(""), pair.b.join(""));
    pane.replaceChildren(
      title,
      element("pre", "question", pair.q),
      element("div", "sides",
        response(cells[3], heads[3].innerText, pair.a, common),
        response(cells[4], heads[4].innerText, pair.b, common)));
  };

  const visible = () => rows.filter((row) => !row.hidden);
  const step = (by) => {
    const list = visible();
    if (!list.length) return;
    const at = list.findIndex((row) => Number(row.dataset.flip) === shown.index);
    const next = list[Math.min(Math.max(at + by, 0), list.length - 1)];
    next.scrollIntoView({ block: "nearest" });
    location.hash = `#/flip/${next.dataset.flip}`;
  };

  const filter = () => {
    const { task, way, words } = Object.fromEntries(new FormData(form));
    const wanted = words.trim().toLowerCase();
    for (const row of rows) {
      row.hidden = Boolean((task && row.dataset.task !== task) || (way && row.dataset.way !== way)
        || (wanted && !row.textContent.toLowerCase().includes(wanted)));
    }
    document.getElementById("count").textContent = `${visible().length} of ${rows.length}`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();

  const follow = () => {
    const match = /^#\/flip\/(\d+)$/.exec(location.hash);
    if (match) { shown.shared = false; open(Number(match[1])); }
  };
  addEventListener("hashchange", follow);
  follow();

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const actions = {
      j: () => step(1),
      k: () => step(-1),
      "/": () => form.elements.words.focus(),
      s: () => { shown.shared = !shown.shared; open(shown.index); },
      t: () => { shown.thinking = !shown.thinking; open(shown.index); },
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });

  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
})();
