"use strict";
// Before anything is drawn: the layout with scripts, and the theme that the reader chose before.
{
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("evalsuite-theme");
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  } catch { /* no storage: the system's theme */ }
}
