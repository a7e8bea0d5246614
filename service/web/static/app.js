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

// Grading without a mouse: 0 to 3 choose, R and N go to reason and note, Enter sends the form.
document.addEventListener("keydown", (event) => {
  const form = document.querySelector("[data-judge] form.verdict");
  if (!form || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const typing = event.target.closest("input:not([type=radio]), select, textarea, button, a");
  if (event.key === "Escape" && typing) typing.blur();
  if (typing) return;
  const grade = form.querySelector(`input[name="grade"][value="${CSS.escape(event.key)}"]`);
  const field = form.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (grade) grade.checked = true;
  else if (field) field.focus();
  else if (event.key === "Enter") form.requestSubmit();
  else return;
  event.preventDefault();
});
