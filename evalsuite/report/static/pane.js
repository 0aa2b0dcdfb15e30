"use strict";
// The pane: a question with both responses side by side. Foreign text becomes text nodes only.
const pane = (() => {
  const SHARED_FROM = 200; // a shorter beginning is not worth folding
  const LONG_HEAD = 4000; // of a longer text the middle is folded
  const LONG_TAIL = 1500;
  const box = document.getElementById("pane");
  const said = document.getElementById("said");
  const heads = [...document.querySelectorAll("#rows thead th")].map((head) => head.textContent);
  let current = null;
  let showsMath = true;

  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
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
    if (from < Math.min(to, edge)) made.push(element("div", "text thinking", mathIn.nodes(text, from, Math.min(to, edge), formulas)));
    let start = Math.max(from, edge);
    while (from <= edge && start < to && text[start] === "\n") start += 1;
    if (to > start) made.push(element("div", "text", mathIn.nodes(text, start, to, formulas)));
    return made;
  };
  // Closed, its content is made when it is opened: a megabyte in a closed fold costs nothing.
  const fold = (words, className, given, from, to) => {
    const made = element("details", className, element("summary", "", words));
    made.addEventListener("toggle", () => {
      if (made.childElementCount > 1) return;
      made.append(...passage(given, from, to));
      mathIn.renderAll(box);
    });
    return made;
  };
  const count = (number) => number.toLocaleString("en");

  const read = ([thinking, answer]) => {
    const text = thinking + answer;
    return { text, edge: thinking.length, formulas: showsMath ? mathIn.spans(text) : [] };
  };
  const side = (cell, name, colour, given, common, differ) => {
    const { text, formulas } = given;
    const [value, tick, facts] = [cell.querySelector("bdi"), cell.querySelector(".tick"), cell.querySelector("small")];
    const header = element("header", colour,
      element("strong", "", name), element("span", "value", value.textContent),
      element("span", cell.classList.contains("right") ? "holds" : "worse", tick.textContent),
      element("small", "", facts.textContent));
    const made = element("section", "side", header);
    made.setAttribute("aria-label", name);
    if (!text) made.append(element("p", "soft", "No text was kept."));
    if (common >= SHARED_FROM) made.append(fold(`${count(common)} characters the same in both`, "same", given, 0, common));
    else made.append(...passage(given, 0, common));
    if (differ) made.append(element("span", "parts", "≠ first difference"));
    const cut = mathIn.outside(formulas, common + LONG_HEAD);
    const rest = mathIn.outside(formulas, text.length - LONG_TAIL);
    if (rest - cut > 1000) {
      made.append(...passage(given, common, cut),
        fold(`${count(rest - cut)} characters more`, "", given, cut, rest),
        ...passage(given, rest, text.length));
    } else {
      made.append(...passage(given, common, text.length));
    }
    return made;
  };

  const bodyOf = ({ cells, arm }, { question, sides }) => {
    const given = sides.map(read);
    const parts = parting(given[0].text, given[1].text);
    const common = Math.min(...given.map(({ formulas }) => mathIn.outside(formulas, parts)));
    const differ = given[0].text !== given[1].text;
    return [
      ...(differ || !given[0].text ? [] : [element("p", "soft", "Both wrote the same, letter by letter.")]),
      element("pre", "question", mathIn.nodes(question, 0, question.length, showsMath ? mathIn.spans(question) : [])),
      element("div", "sides",
        side(cells[3], heads[3], "is-baseline", given[0], common, differ && common < given[0].text.length),
        side(cells[4], texts.known.names[arm], "is-candidate", given[1], common, differ && common < given[1].text.length)),
    ];
  };

  // Actions
  const button = (words, act, pressed) => {
    const made = element("button", "", words);
    made.type = "button";
    if (pressed !== undefined) made.setAttribute("aria-pressed", String(pressed));
    made.addEventListener("click", act);
    return made;
  };
  const toggleShared = () => {
    const folds = [...box.querySelectorAll("details.same")];
    const opens = folds.some((one) => !one.open);
    for (const one of folds) one.open = opens;
    shareButton.setAttribute("aria-pressed", String(opens && folds.length > 0));
  };
  const toggleThinking = () => {
    const hides = box.classList.toggle("hide-thinking");
    thinkButton.setAttribute("aria-pressed", String(!hides));
  };
  const toggleMath = () => {
    showsMath = !showsMath;
    mathButton.setAttribute("aria-pressed", String(showsMath));
    if (current) open(current, { speak: false });
  };
  const copyLink = async () => {
    if (!current) return;
    let done = "copied";
    try { await navigator.clipboard.writeText(new URL(current.hash, location.href).href); } catch { done = "copy it from the address bar"; }
    copyButton.textContent = done;
    said.textContent = `Link: ${done}`;
    setTimeout(() => { copyButton.textContent = "copy link"; }, 2000);
  };
  const shareButton = button("shared part", toggleShared, false);
  const thinkButton = button("thinking", toggleThinking, true);
  const mathButton = button("math", toggleMath, true);
  const copyButton = button("copy link", copyLink);

  const titleOf = ({ cells: [where, way, gold] }) => element("h3", "",
    element("bdi", "", where.querySelector("a").textContent),
    element("small", "", `${where.querySelector("small").textContent} · ${way.textContent} · gold `, element("bdi", "", gold.textContent)),
    element("span", "actions", shareButton, thinkButton, mathButton, copyButton));

  // Show *record* (`cells` of its row, `hash`, and where its texts are). What is slow or fails says so.
  const open = async (record, { speak = true } = {}) => {
    current = record;
    const title = titleOf(record);
    let content;
    try {
      const found = await texts.of(record);
      content = found ? bodyOf(record, found) : [element("p", "soft", "The texts of this pair are not in this report.")];
    } catch (error) {
      content = [element("p", "worse", `✗ The texts of this pair could not be read: ${error.message}`)];
    }
    if (current !== record) return;
    shareButton.setAttribute("aria-pressed", "false");
    box.replaceChildren(title, ...content);
    box.scrollTop = 0;
    mathIn.renderAll(box);
    if (speak) said.textContent = `${title.firstChild.textContent} is open`;
  };

  return { element, open, keys: { s: toggleShared, t: toggleThinking, m: toggleMath, c: copyLink } };
})();
