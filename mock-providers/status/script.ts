/**
 * The page's script: fetches what changes once a second, and does what buttons say through the control API.
 *
 * Nothing is replaced while a person holds a button or has selected text in it; focus stays where it was.
 */
export const statusScript: string = `
const live = document.getElementById("live");
const told = document.getElementById("told");
const focusOf = () => [...live.querySelectorAll("button")].indexOf(document.activeElement);
const selecting = () => { const range = getSelection(); return !range.isCollapsed && live.contains(range.anchorNode); };
let pressed = false;
addEventListener("pointerdown", () => { pressed = true; });
addEventListener("pointerup", () => { pressed = false; });
addEventListener("pointercancel", () => { pressed = false; });
async function show() {
  const answer = await fetch("/_squall/page");
  if (!answer.ok) throw new Error("the mock answers " + answer.status);
  const { clock, sections } = await answer.json();
  if (pressed || selecting()) return;
  const focus = focusOf();
  document.getElementById("clock").textContent = clock;
  live.innerHTML = sections;
  if (focus >= 0) live.querySelectorAll("button")[focus]?.focus();
  if (told.dataset.lost) { told.textContent = ""; delete told.dataset.lost; }
}
async function act({ add, remove, clear }) {
  const [method, path, body] = add ? ["POST", "", JSON.stringify(add)] : ["DELETE", clear ? "" : "?id=" + remove, undefined];
  const answer = await fetch("/_squall/faults" + path, { method, body });
  told.textContent = answer.ok ? (add ? "Switched on." : "Switched off.") : (await answer.json()).error.message;
}
live.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  await act(JSON.parse(button.dataset.action));
  await show();
});
async function keepShowing() {
  try { if (!document.hidden) await show(); }
  catch (error) { told.textContent = "The mock does not answer: what is shown is old."; told.dataset.lost = "yes"; }
  setTimeout(keepShowing, 1000);
}
setTimeout(keepShowing, 1000);
`;
