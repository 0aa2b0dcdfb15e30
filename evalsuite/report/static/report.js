"use strict";
(() => {
  const SHARED_FROM = 200; // a shorter beginning is not worth folding
  const LONG_HEAD = 4000; // of a longer text the middle is folded
  const LONG_TAIL = 1500;
  const root = document.documentElement;
  const pane = document.getElementById("pane");
  const form = document.getElementById("filters");
  const rows = [...document.querySelectorAll("#rows tr[data-task]")];
  const heads = [...document.querySelectorAll("#rows thead th")].map((head) => head.textContent);
  const chunks = new Map();
  let current = null;
  let showsMath = true;

  for (const one of document.querySelectorAll(".needs-script")) one.hidden = false;

  // Theme: the system's until the reader chooses; head.js reads what is remembered.
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("evalsuite-theme", root.dataset.theme); } catch { /* no storage */ }
  });

  // Foreign text becomes text nodes and nothing else.
  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };

  // Texts
  const inflate = async (number) => {
    const packed = document.getElementById(number).textContent.trim();
    const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };
  const textsOf = async (row) => {
    const { chunk, row: place } = row.dataset;
    if (chunk === undefined) return null;
    if (!chunks.has(chunk)) chunks.set(chunk, inflate(chunk));
    const [question, ...parts] = (await chunks.get(chunk))[place];
    return { question, sides: [parts.slice(0, 2), parts.slice(2)] };
  };

  // Where two texts part, at the beginning of the word that differs.
  const parting = (one, other) => {
    let at = 0;
    while (at < one.length && at < other.length && one[at] === other[at]) at += 1;
    if (at === one.length && at === other.length) return at;
    const word = /\S{0,40}$/.exec(one.slice(Math.max(0, at - 40), at))[0];
    if (word.length < 40) return at - word.length;
    return /[\ud800-\udbff]/.test(one[at - 1]) ? at - 1 : at;
  };

  // The part [from, to) of a response, its thinking (all before *edge*) apart from its answer.
  const passage = ({ text, edge, formulas }, from, to) => {
    const made = [];
    if (from < Math.min(to, edge)) made.push(element("div", "text thinking", ...mathIn.nodes(text, from, Math.min(to, edge), formulas)));
    let start = Math.max(from, edge);
    while (from <= edge && start < to && text[start] === "\n") start += 1;
    if (to > start) made.push(element("div", "text", ...mathIn.nodes(text, start, to, formulas)));
    return made;
  };
  const fold = (words, className, content) => {
    const made = element("details", className, element("summary", "", words));
    made.append(...content);
    return made;
  };

  const read = ([thinking, answer]) => {
    const text = thinking + answer;
    return { text, edge: thinking.length, formulas: showsMath ? mathIn.spans(text) : [] };
  };
  const side = (cell, name, colour, given, common) => {
    const { text, formulas } = given;
    const [value, tick, facts] = [cell.querySelector("bdi"), cell.querySelector(".tick"), cell.querySelector("small")];
    const header = element("header", colour,
      element("strong", "", name), element("span", "value", value.textContent),
      element("span", cell.classList.contains("right") ? "holds" : "worse", tick.textContent),
      element("small", "", facts.textContent));
    const box = element("section", "side", header);
    box.setAttribute("aria-label", name);
    if (!text) box.append(element("p", "soft", "No text was kept."));
    let from = 0;
    if (common >= SHARED_FROM) {
      box.append(fold(`${common.toLocaleString("en")} characters the same in both`, "same", passage(given, 0, common)));
      from = common;
    } else {
      box.append(...passage(given, 0, common));
      from = common;
    }
    if (from < text.length) box.append(element("span", "parts", "≠ first difference"));
    const cut = mathIn.outside(formulas, from + LONG_HEAD);
    const rest = mathIn.outside(formulas, text.length - LONG_TAIL);
    const left = rest - cut;
    if (left > 1000) {
      box.append(...passage(given, from, cut),
        fold(`${left.toLocaleString("en")} characters more`, "", passage(given, cut, rest)),
        ...passage(given, rest, text.length));
    } else {
      box.append(...passage(given, from, text.length));
    }
    return box;
  };

  // Actions of the pane
  const shareButton = element("button", "", "shared part");
  const thinkButton = element("button", "", "thinking");
  const mathButton = element("button", "", "math");
  const copyButton = element("button", "", "copy link");
  const toggleShared = () => {
    const folds = [...pane.querySelectorAll("details.same")];
    const opens = folds.some((one) => !one.open);
    for (const one of folds) one.open = opens;
    shareButton.setAttribute("aria-pressed", String(opens && folds.length > 0));
  };
  const toggleThinking = () => {
    const hides = pane.classList.toggle("hide-thinking");
    thinkButton.setAttribute("aria-pressed", String(!hides));
  };
  const toggleMath = () => {
    showsMath = !showsMath;
    mathButton.setAttribute("aria-pressed", String(showsMath));
    if (current) open(current, { speak: false });
  };
  const copyLink = async () => {
    if (!current) return;
    let said = "copied";
    try { await navigator.clipboard.writeText(new URL(linkOf(current).hash, location.href).href); } catch { said = "copy it from the address bar"; }
    copyButton.textContent = said;
    document.getElementById("said").textContent = `Link: ${said}`;
    setTimeout(() => { copyButton.textContent = "copy link"; }, 2000);
  };
  for (const [button, act, pressed] of [[shareButton, toggleShared, "false"], [thinkButton, toggleThinking, "true"], [mathButton, toggleMath, "true"], [copyButton, copyLink, null]]) {
    button.type = "button";
    if (pressed) button.setAttribute("aria-pressed", pressed);
    button.addEventListener("click", act);
  }

  const titleOf = (row) => {
    const [where, way, gold] = row.cells;
    return element("h3", "",
      element("bdi", "", where.querySelector("a").textContent),
      element("small", "", `${where.querySelector("small").textContent} · ${way.textContent} · gold `, element("bdi", "", gold.textContent)),
      element("span", "actions", shareButton, thinkButton, mathButton, copyButton));
  };

  const open = async (row, { speak = true } = {}) => {
    current?.classList.remove("open");
    row.classList.add("open");
    current = row;
    const title = titleOf(row);
    let content;
    try {
      const texts = await textsOf(row);
      content = texts ? bodyOf(row, texts) : [element("p", "soft", "The texts of this flip are not in this page.")];
    } catch (error) {
      content = [element("p", "worse", `✗ The texts of this flip could not be read: ${error.message}`)];
    }
    if (current !== row) return;
    shareButton.setAttribute("aria-pressed", "false");
    pane.replaceChildren(title, ...content);
    pane.scrollTop = 0;
    mathIn.renderAll(pane);
    if (speak) document.getElementById("said").textContent = `${title.firstChild.textContent} is open`;
  };
  const bodyOf = (row, { question, sides }) => {
    const given = sides.map(read);
    const parts = parting(given[0].text, given[1].text);
    const common = Math.min(...given.map(({ formulas }) => mathIn.outside(formulas, parts)));
    const [ours, theirs] = [row.cells[3], row.cells[4]];
    return [
      element("pre", "question", ...mathIn.nodes(question, 0, question.length, showsMath ? mathIn.spans(question) : [])),
      element("div", "sides",
        side(ours, heads[3], "is-baseline", given[0], common),
        side(theirs, heads[4], "is-candidate", given[1], common)),
    ];
  };

  // The list: filters, choosing, addresses
  const visible = () => rows.filter((row) => !row.hidden);
  const filter = () => {
    const { task, way, end, words } = Object.fromEntries(new FormData(form));
    const wanted = words.trim().toLowerCase();
    for (const row of rows) {
      row.hidden = Boolean((task && row.dataset.task !== task) || (way && row.dataset.way !== way)
        || (end && row.dataset.end !== end) || (wanted && !row.textContent.toLowerCase().includes(wanted)));
    }
    document.getElementById("count").textContent = `${visible().length} of ${rows.length}`;
  };
  // A choice of filters is an address, too.
  const remember = () => {
    const chosen = [...new FormData(form)].filter(([, value]) => value);
    history.replaceState(null, "", chosen.length ? `#/flips?${new URLSearchParams(chosen)}` : "#explorer");
  };
  const recall = () => {
    if (!location.hash.startsWith("#/flips?")) return false;
    form.reset();
    for (const [name, value] of new URLSearchParams(location.hash.slice(8))) {
      const field = form.elements.namedItem(name);
      if (field) field.value = value;
    }
    filter();
    document.getElementById("explorer").scrollIntoView();
    return true;
  };
  form.addEventListener("input", () => { filter(); remember(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();
  for (const link of document.querySelectorAll('a[href="#explorer"][data-task]')) {
    const chosen = { task: link.dataset.task, ...(link.dataset.way && { way: link.dataset.way }) };
    link.href = `#/flips?${new URLSearchParams(chosen)}`;
  }

  const linkOf = (row) => row.querySelector("a");
  const go = (row) => {
    if (linkOf(row).hash === location.hash) open(row);
    else location.hash = linkOf(row).hash;
  };
  const step = (by) => {
    const list = visible();
    if (!list.length) return;
    const next = list[Math.min(Math.max(list.indexOf(current) + by, 0), list.length - 1)];
    next.scrollIntoView({ block: "nearest" });
    go(next);
  };
  for (const row of rows) {
    row.addEventListener("click", (event) => { if (event.target.tagName !== "A") go(row); });
  }
  const byHash = new Map(rows.map((row) => [linkOf(row).hash, row]));
  const follow = () => {
    const row = byHash.get(location.hash);
    if (row) open(row);
    return Boolean(row);
  };
  addEventListener("hashchange", () => follow() || recall());
  recall();
  if (follow()) document.getElementById("explorer").scrollIntoView();
  else if (rows.length && matchMedia("(min-width: 861px)").matches) open(rows[0], { speak: false });

  const actions = {
    j: () => step(1),
    k: () => step(-1),
    "/": () => form.elements.words.focus(),
    s: toggleShared,
    t: toggleThinking,
    m: toggleMath,
    c: copyLink,
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (!Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    actions[event.key]();
  });

  // Tables that sort: the number that a cell begins with, else its text.
  const valueOf = (row, column) => {
    const text = row.cells[column].textContent.trim();
    const number = Number.parseFloat(text.replace("−", "-").replaceAll(",", ""));
    return Number.isNaN(number) ? text.toLowerCase() : number;
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const titles = [...table.tHead.rows[0].cells];
    titles.forEach((head, column) => {
      const button = element("button", "sort", ...head.childNodes);
      button.type = "button";
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const rises = head.getAttribute("aria-sort") !== "ascending";
        for (const one of titles) one.setAttribute("aria-sort", one === head ? (rises ? "ascending" : "descending") : "none");
        const body = table.tBodies[0];
        const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
        const sorted = [...body.rows].sort((a, b) => (rises ? 1 : -1) * order(valueOf(a, column), valueOf(b, column)));
        body.append(...sorted);
      });
    });
  }

  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("main > section:not(.broad) details")) one.open = true;
  });
})();
