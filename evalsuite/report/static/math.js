"use strict";
// Where the formulas of a text are, and their rendering. All foreign text stays text nodes; the
// only elements are those that Temml builds, which knows no links, styles or images here.
const mathIn = (() => {
  const LONGEST = 4000; // a longer "formula" is a stray sign
  const MOST = 4000; // of more formulas at once the rest stays as it is
  const SLICE_MS = 12; // so that a trace with thousands of formulas opens at once
  const OPENERS = /\\\(|\\\[|\$\$|\$/g;
  const CLOSERS = { "\\(": "\\)", "\\[": "\\]", "$$": "$$", $: "$" };

  // A single $ opens only before a sign that is no space, and closes after one and before no digit
  // (Pandoc's rule), so that amounts of money stay money.
  const closes = (text, from, opener) => {
    const closer = CLOSERS[opener];
    const end = Math.min(text.length, from + LONGEST);
    for (let at = text.indexOf(closer, from); at >= 0 && at <= end; at = text.indexOf(closer, at + 1)) {
      if (text[at - 1] === "\\" && closer[0] === "$") continue;
      if (text.slice(from, at).includes("\n\n")) return -1; // TeX, too, knows no paragraphs in formulas
      if (opener !== "$") return at;
      if (!/\s/.test(text[at - 1]) && !/\d/.test(text[at + 1] ?? "")) return at;
    }
    return -1;
  };

  // [start, end, source, display] of each formula. Where a closer is missing it is not looked for again.
  const spans = (text) => {
    const found = [];
    const missing = {};
    OPENERS.lastIndex = 0;
    for (let match = OPENERS.exec(text); match; match = OPENERS.exec(text)) {
      const [opener] = match;
      const from = match.index + opener.length;
      if (opener[0] === "$" && text[match.index - 1] === "\\") continue;
      if (opener === "$" && /\s|^$/.test(text[from] ?? "")) continue;
      if (match.index < (missing[opener] ?? 0)) continue;
      const at = closes(text, from, opener);
      if (at <= from) { missing[opener] = match.index + 64; continue; }
      const end = at + CLOSERS[opener].length;
      found.push([match.index, end, text.slice(from, at), opener === "\\[" || opener === "$$"]);
      OPENERS.lastIndex = end;
    }
    return found;
  };

  const render = (box) => {
    const source = box.textContent;
    try {
      const made = document.createElement("span");
      temml.render(box.dataset.source, made, {
        displayMode: "display" in box.dataset, throwOnError: true, trust: false, maxExpand: 200, maxSize: [10, 20],
      });
      box.replaceChildren(...made.childNodes);
      box.classList.add("done");
    } catch { // whatever a formula does, its source is there
      box.textContent = source;
      box.classList.add("failed");
    }
  };

  let turn = 0;
  // Render the formulas inside *root*: what fits into one slice now, the rest in slices after it.
  const renderAll = (root) => {
    turn += 1;
    const mine = turn;
    const waiting = [...root.querySelectorAll(".math:not(.done, .failed)")].slice(0, MOST);
    let next = 0;
    root.dataset.math = "waiting";
    const slice = () => {
      if (mine !== turn) return;
      const until = performance.now() + SLICE_MS;
      for (; next < waiting.length && performance.now() < until; next += 1) render(waiting[next]);
      if (next < waiting.length) setTimeout(slice);
      else root.dataset.math = "done";
    };
    slice();
  };

  // Nodes for text[from, to): formulas in boxes of their own, everything else as it is.
  const nodes = (text, from, to, found) => {
    const made = document.createDocumentFragment();
    let at = from;
    for (const [start, end, source, display] of found) {
      if (start < from || end > to) continue;
      if (start > at) made.append(text.slice(at, start));
      const box = document.createElement("span");
      box.className = "math";
      box.dataset.source = source;
      if (display) box.dataset.display = "";
      box.textContent = text.slice(start, end);
      made.append(box);
      at = end;
    }
    if (to > at) made.append(text.slice(at, to));
    return made;
  };

  // The nearest place at or before *at* that is not inside a formula.
  const outside = (found, at) => found.find(([start, end]) => start < at && at < end)?.[0] ?? at;

  return { spans, nodes, outside, renderAll };
})();
