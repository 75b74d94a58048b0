// The tree of a menu without loading the page anew, and by dragging. Its buttons do the same without this script.

const HERE = "main";

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target.id !== "menu" || button?.name !== "do") return;
  event.preventDefault();
  send(button.value);
});

let last = Promise.resolve();

/** One after the other: each button means the tree that the one before has left. */
function send(action) {
  last = last.then(() => act(action));
}

/** Sends the form with this action, and shows the page that comes back; if none does, as a browser would. */
async function act(action) {
  const form = document.getElementById("menu");
  const body = new URLSearchParams(new FormData(form));
  body.set("do", action);
  const top = scrollY;
  try {
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector(HERE).replaceWith(document.adoptNode(page.querySelector(HERE)));
    enliven();
    scrollTo(0, top);
    document.querySelector(`${HERE} [autofocus]`)?.focus();
  } catch {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "do", value: action });
    form.append(field);
    form.submit();
  }
}

/** What can be dragged says so. */
function enliven() {
  for (const item of document.querySelectorAll("[data-place]")) item.draggable = true;
  for (const hint of document.querySelectorAll(".scripted")) hint.hidden = false;
}

let dragged;

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-place]");
  if (dragged) event.dataTransfer.effectAllowed = "move";
});

document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-place]");
  mark(null);
  if (!dragged || !over || over === dragged) return;
  event.preventDefault();
  mark(over, where(over, event.clientY));
});

document.addEventListener("drop", (event) => {
  const over = event.target.closest?.("[data-place]");
  mark(null);
  if (!dragged || !over || over === dragged) return;
  event.preventDefault();
  send(`place.${dragged.dataset.place}.${where(over, event.clientY)}.${over.dataset.place}`);
});

document.addEventListener("dragend", () => {
  dragged = undefined;
  mark(null);
});

/** Before it, after it, or, in the middle of an item of the first level, below it. */
function where(item, y) {
  const { top, height } = item.getBoundingClientRect();
  const part = (y - top) / height;
  if (item.dataset.place.includes("-")) return part < 0.5 ? "before" : "after";
  if (part < 0.3) return "before";
  return part > 0.7 ? "after" : "into";
}

function mark(item, place) {
  for (const marked of document.querySelectorAll("[data-drop]")) delete marked.dataset.drop;
  if (item) item.dataset.drop = place;
}

enliven();
