"use strict";
// The list of the explorer, its filters and addresses; the theme; tables that sort.
(() => {
  const ROWS = 200; // so many are laid out at once; more when they are scrolled to
  const { element } = pane;
  const root = document.documentElement;
  const form = document.getElementById("filters");
  const counter = document.getElementById("count");
  const body = document.querySelector("#rows tbody");

  for (const one of document.querySelectorAll(".needs-script")) one.hidden = false;

  // Theme: the system's until the reader chooses; head.js reads what is remembered.
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("evalsuite-theme", root.dataset.theme); } catch { /* no storage */ }
  });

  // Records: what is known of a pair; its row is there from the start, or made when it is listed.
  const { arms, names, titles } = texts.known;
  const several = arms.length > 1;
  const decoded = (hash) => {
    try { return hash.split("/").slice(2).map(decodeURIComponent).join("\n"); } catch { return ""; }
  };
  const recordOf = (tr) => {
    const { task, way, end = "", chunk, row, arm } = tr.dataset;
    const { hash } = tr.querySelector("a");
    return { tr, cells: tr.cells, task, way, end, chunk, row, hash, arm: Math.max(0, arms.indexOf(arm)), words: tr.textContent.toLowerCase() };
  };
  const flips = [...body.querySelectorAll("tr[data-task]")].map(recordOf);
  const nothing = flips.length ? null : body.rows[0];
  const byAddress = new Map(flips.map((record) => [decoded(record.hash), record]));
  let all = null; // every pair, once items/index.js is there

  const finish = { length: "cut off", unknown: "" };
  const cellOf = ([right, answer, reason, ended, tokens]) => {
    const facts = [reason, finish[ended] ?? ended, tokens == null ? "" : `${tokens.toLocaleString("en")} tokens`].filter(Boolean).join(" · ");
    return element("td", `answer ${right ? "right" : "wrong"}`,
      element("span", "tick", right ? "✓" : "✗"), " ", element("bdi", "", answer ?? "—"), element("small", "in-list", facts));
  };
  const rowOf = (record) => {
    if (record.tr) return record.tr;
    const [arm, task, question, repeat, subject, gold] = record.facts;
    const link = element("a", "", element("bdi", "", question));
    link.href = record.hash;
    const where = [titles[task], `repeat ${repeat}`, ...(several ? [names[arm]] : []), ...(subject ? [subject] : [])].join(" · ");
    const head = element("th", "", link, element("small", "", where));
    head.scope = "row";
    record.tr = element("tr", "", head, element("td", `in-list ${record.way}`, record.way),
      element("td", "answer", element("bdi", "", gold)), cellOf(record.facts.slice(8, 13)), cellOf(record.facts.slice(13)));
    record.cells = record.tr.cells;
    return record.tr;
  };
  const WAYS = [["wrong", "won"], ["lost", "right"]];
  const indexed = (facts) => {
    const [arm, task, question, repeat, subject, gold, chunk, row] = facts;
    const parts = [task, question, String(repeat), ...(several ? [arms[arm]] : [])];
    const there = byAddress.get(parts.join("\n"));
    if (there) return there;
    const way = WAYS[facts[8]][facts[13]];
    const made = {
      facts, task, way, chunk, row, arm, end: facts[11] === "length" || facts[16] === "length" ? "length" : "",
      hash: `#/${way === "lost" || way === "won" ? "flip" : "pair"}/${parts.map(encodeURIComponent).join("/")}`,
      words: [titles[task], question, subject, gold, facts[9], facts[14], facts[10], facts[15]].join(" ").toLowerCase(),
    };
    byAddress.set(parts.join("\n"), made);
    return made;
  };
  const loadAll = async () => {
    all ??= texts.chunk("index").then((index) => index.map(indexed));
    try { return await all; } catch (error) {
      all = null;
      throw error;
    }
  };

  // The list
  let matching = [];
  let listed = 0;
  let current = null;
  // Rows as far as *most*, after those that are there.
  const extend = (most) => {
    const before = listed;
    listed = Math.min(matching.length, most);
    body.append(...matching.slice(before, listed).map(rowOf));
    end.disconnect();
    if (listed < matching.length) end.observe(body.lastElementChild);
  };
  const end = new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) extend(listed + ROWS); },
    { root: document.querySelector(".list"), rootMargin: "1000px" });
  const list = () => {
    listed = 0;
    body.replaceChildren(...(nothing && !matching.length ? [nothing] : []));
    extend(ROWS);
  };
  const say = (text, failed = false) => {
    counter.textContent = text;
    counter.classList.toggle("worse", failed);
  };
  const ways = (chosen) => (chosen === "pairs" ? null : chosen ? [chosen] : ["lost", "won"]);
  let turn = 0;
  const filter = async () => {
    turn += 1;
    const mine = turn;
    const { arm = "", task, way, end, words } = Object.fromEntries(new FormData(form));
    let records = flips;
    if (way === "right" || way === "wrong" || way === "pairs") {
      say("loading …");
      try { records = await loadAll(); } catch (error) {
        if (mine === turn) { matching = []; list(); say(`✗ ${error.message}`, true); }
        return;
      }
      if (mine !== turn) return;
    }
    const wanted = words.trim().toLowerCase();
    const among = ways(way);
    matching = records.filter((one) => (!among || among.includes(one.way)) && (!task || one.task === task)
      && (!arm || arms[one.arm] === arm) && (!end || one.end === end) && (!wanted || one.words.includes(wanted)));
    list();
    say(`${matching.length.toLocaleString("en")} of ${records.length.toLocaleString("en")}`);
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
    link.href = `#/flips?${new URLSearchParams({ ...link.dataset })}`;
  }

  const open = (record, how) => {
    current?.tr.classList.remove("open");
    rowOf(record).classList.add("open");
    current = record;
    return pane.open(record, how);
  };
  const go = (record) => {
    if (record.hash === location.hash) open(record);
    else location.hash = record.hash;
  };
  const step = (by) => {
    if (!matching.length) return;
    const at = Math.min(Math.max(matching.indexOf(current) + by, 0), matching.length - 1);
    if (at >= listed) extend(at + ROWS);
    matching[at].tr.scrollIntoView({ block: "nearest" });
    go(matching[at]);
  };
  body.addEventListener("click", (event) => {
    const tr = event.target.closest("tr");
    const record = event.target.closest("a") ? null : matching.find((one) => one.tr === tr);
    if (record) go(record);
  });

  // The address of a pair opens it; one that the list does not hold is looked for in items/.
  const follow = async () => {
    const { hash } = location;
    if (!/^#\/(flip|pair)\//.test(hash)) return false;
    const address = decoded(hash);
    if (!byAddress.has(address) && texts.known.more) {
      try { await loadAll(); } catch (error) { say(`✗ ${error.message}`, true); }
    }
    const record = byAddress.get(address);
    if (record && hash === location.hash) await open(record);
    return Boolean(record);
  };
  addEventListener("hashchange", async () => { if (!await follow()) recall(); });
  const begin = async () => {
    const linked = /^#\/(flip|pair)\//.test(location.hash);
    if (linked) document.getElementById("explorer").scrollIntoView();
    recall();
    const found = await follow();
    if (linked && !found) document.getElementById("said").textContent = "There is no such pair in this report";
    if (!found && flips.length && matchMedia("(min-width: 861px)").matches) open(flips[0], { speak: false });
  };
  begin();

  const actions = { j: () => step(1), k: () => step(-1), "/": () => form.elements.words.focus(), ...pane.keys };
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
    const titlesOf = [...table.tHead.rows[0].cells];
    titlesOf.forEach((head, column) => {
      const button = element("button", "sort", ...head.childNodes);
      button.type = "button";
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const rises = head.getAttribute("aria-sort") !== "ascending";
        for (const one of titlesOf) one.setAttribute("aria-sort", one === head ? (rises ? "ascending" : "descending") : "none");
        const rows = table.tBodies[0];
        const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
        const sorted = [...rows.rows].sort((a, b) => (rises ? 1 : -1) * order(valueOf(a, column), valueOf(b, column)));
        rows.append(...sorted);
      });
    });
  }

  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("main > section:not(.broad) details")) one.open = true;
  });
  root.dataset.ready = String(Math.round(performance.now()));
})();
