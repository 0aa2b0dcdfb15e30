"use strict";
// The texts of pairs: chunks in the page, and files beside it that are loaded by script tag, since a
// page opened from disk may not fetch. A file of another report's edition is refused.
const texts = (() => {
  const LOAD_MS = 20000;
  const known = JSON.parse(document.getElementById("rows").dataset.page);
  const inflated = new Map();
  const arrivals = new Map();

  const inflate = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };

  // What a file in items/ calls.
  window.evalsuite = {
    chunk(edition, name, packed) {
      const waiting = arrivals.get(name);
      arrivals.delete(name);
      if (edition === known.edition) waiting?.resolve(packed);
      else waiting?.reject(new Error(`items/${name}.js belongs to another report; write this one again`));
    },
  };
  const load = (name) => new Promise((resolve, reject) => {
    arrivals.set(name, { resolve, reject });
    const script = document.createElement("script");
    const fail = () => reject(new Error(`items/${name}.js is not beside this page, or is damaged`));
    script.onerror = fail;
    script.onload = () => { script.remove(); fail(); }; // too late to matter if it called
    setTimeout(fail, LOAD_MS);
    script.src = `items/${name}.js`;
    document.head.append(script);
  });

  // The content of chunk *name*; one that failed is tried again when it is asked for again.
  const chunk = (name) => {
    if (!inflated.has(name)) {
      const packed = document.getElementById(name)?.textContent.trim();
      const made = (packed === undefined ? load(name) : Promise.resolve(packed)).then(inflate);
      made.catch(() => inflated.delete(name));
      inflated.set(name, made);
    }
    return inflated.get(name);
  };

  // Question and both sides of a record of the list, null if the report holds no texts of it.
  const of = async ({ chunk: name, row, arm }) => {
    if (name == null) return null;
    const [question, ...parts] = (await chunk(name))[row];
    const at = 2 * (arm + 1);
    return { question, sides: [parts.slice(0, 2), parts.slice(at, at + 2)] };
  };

  return { known, chunk, of };
})();
