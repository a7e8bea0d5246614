// Small helps for pages that work without them.

// A drop-down of checkboxes says how many are chosen.
document.addEventListener("change", (event) => {
  const list = event.target.closest("[data-choices]");
  if (!list) return;
  const chosen = list.querySelectorAll("input:checked").length;
  list.querySelector("summary").textContent = chosen ? `已选 ${chosen} 项` : "不限";
});

// An open drop-down closes on Escape, with the focus back on it, and when another one opens.
document.addEventListener("keydown", (event) => {
  const list = event.key === "Escape" && event.target.closest("details.dropdown[open]");
  if (!list) return;
  list.open = false;
  list.querySelector("summary").focus();
});
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.("details.dropdown[open]")) return;
  for (const other of document.querySelectorAll("details.dropdown[open]")) {
    if (other !== event.target) other.open = false;
  }
}, true);

// What was replaced is told to screen readers in one sentence, not read out as a whole.
document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.detail.elt;
  const told = part.matches?.("[data-announce]") ? part : part.querySelector?.("[data-announce]");
  if (told) document.getElementById("announce").textContent = told.dataset.announce;
});

// After a refused form the list of what to mend comes first.
document.getElementById("error-summary")?.focus();
