// What the page does beyond its HTML. Everything works without it; it saves waiting and clicks.
"use strict";

/* --- parts: the inside of a page, fetched and put in place ------------------------------------------------- */

const main = document.getElementById("main");
const told = document.getElementById("told");

/** Says something in the status line, for a moment unless it is to stay. */
function say(text, stays = false) {
  told.textContent = text;
  clearTimeout(say.timer);
  if (text && !stays) say.timer = setTimeout(() => { told.textContent = ""; }, 6000);
}

/** Leads whoever is logged out meanwhile to the log-in, unless that took away what they typed. */
function loggedOut() {
  if (touched(main)) say("You are not logged in any more. Copy what you typed, then load the page again.", true);
  else location.reload();
}

/** Fetches the inside of a page; null where there is none to show. */
async function part(path) {
  const answer = await fetch(path, { headers: { "Butler-Part": "1" }, credentials: "same-origin", redirect: "manual" });
  if (answer.type === "opaqueredirect" || answer.status === 401) { loggedOut(); return null; }
  return answer.ok ? answer.text() : null;
}

/** Whether something was typed, ticked or chosen in a part of the page. */
function touched(where) {
  const changed = (field) => field.type === "checkbox" || field.type === "radio"
    ? field.checked !== field.defaultChecked
    : field.tagName === "SELECT"
      ? [...field.options].some((option) => option.selected !== option.defaultSelected && field.dataset.filter === undefined)
      : field.value !== field.defaultValue;
  return [...where.querySelectorAll("input:not([type=hidden]), textarea, select")].some(changed);
}

/** Whether somebody is in the middle of something here that must not be taken away. */
const busy = () => Boolean(document.querySelector("dialog[open]") || main.querySelector("[data-typing], [data-problem]")) || touched(main);

/** Names an element so that it is found again in the next version of the page. */
function nameOf(element) {
  if (!element || !main.contains(element)) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const holder = element.closest("[id]");
  if (!holder || holder === main) return null;
  const same = [...holder.querySelectorAll(element.tagName)];
  return { holder: `#${CSS.escape(holder.id)}`, tag: element.tagName, place: same.indexOf(element) };
}

function found(name) {
  if (!name) return null;
  if (typeof name === "string") return main.querySelector(name);
  const holder = main.querySelector(name.holder);
  return holder ? holder.querySelectorAll(name.tag)[name.place] : null;
}

/** Puts a new version of the page in place; focus, what is open and where one has read to stay. */
function replace(html) {
  const focus = nameOf(document.activeElement);
  const open = [...main.querySelectorAll("details[open]")].map(nameOf).filter(Boolean);
  const loaded = new Map([...main.querySelectorAll("[data-loaded]")].filter((each) => each.id).map((each) => [each.id, each]));
  const top = scrollY;
  main.innerHTML = html;
  for (const name of open) { const each = found(name); if (each) each.open = true; }
  for (const [id, old] of loaded) {
    const each = document.getElementById(id);
    if (each && each.dataset.load === old.dataset.load) each.replaceWith(old);
  }
  const again = found(focus);
  if (again) again.focus({ preventScroll: true });
  scrollTo(0, top);
  document.dispatchEvent(new CustomEvent("butler:shown"));
}

/** Whether a form was just sent that leads to another page. */
const leaving = () => Date.now() - (leaving.since ?? 0) < 30_000;

async function renew() {
  if (leaving()) return;
  const here = location.pathname + location.search;
  try {
    const html = await part(here);
    // What was waited for may have come meanwhile, and its page is another one.
    if (here !== location.pathname + location.search) return;
    if (html !== null && !busy()) { replace(html); offer(false); }
  } catch { /* The stream tells when the butler is away. */ }
}

/** Offers the new version where it would disturb to show it unasked. */
function offer(there) {
  let button = document.getElementById("renew");
  if (!there) { button?.remove(); return; }
  if (button) return;
  button = document.createElement("button");
  button.id = "renew";
  button.type = "button";
  button.className = "renew";
  button.textContent = "There is something new: show it";
  button.addEventListener("click", async () => {
    const html = await part(location.pathname + location.search);
    if (html !== null) { replace(html); offer(false); }
  });
  document.body.append(button);
}

/* --- evidence and other parts that are loaded when they are opened: <details data-load="/path"> ------------- */

document.addEventListener("toggle", async (event) => {
  const details = event.target;
  if (!(details instanceof HTMLDetailsElement) || !details.open || !details.dataset.load || details.dataset.loaded) return;
  const place = details.querySelector("[data-here]");
  if (!place) return;
  details.dataset.loaded = "1";
  place.setAttribute("aria-busy", "true");
  try {
    const html = await part(details.dataset.load);
    if (html === null) throw new Error("nothing to show");
    place.innerHTML = html;
  } catch {
    delete details.dataset.loaded;
    details.open = false;
    say("That cannot be shown now. Try again in a moment.");
  }
  place.removeAttribute("aria-busy");
}, true);

/* --- what is being found out: a part with data-again="SECONDS" is fetched anew until it is known --------------- */

function again() {
  const seconds = Number(main.querySelector("[data-again]")?.dataset.again);
  clearTimeout(again.timer);
  if (seconds) again.timer = setTimeout(async () => { if (!busy()) await renew(); again(); }, seconds * 1000);
}

document.addEventListener("butler:shown", again);
again();

/* --- what takes longer: a part with data-then="/path" says where the whole page is, which is put in place when it is there --- */

async function later() {
  const place = main.querySelector("[data-then]");
  if (!place || later.asked === place.dataset.then) return;
  const path = later.asked = place.dataset.then;
  try {
    const html = await part(path);
    // The page may have been renewed meanwhile, and the place with it.
    if (html === null || main.querySelector("[data-then]")?.dataset.then !== path || busy()) return;
    history.replaceState(null, "", path);
    replace(html);
  } catch { /* Its link stays. */ }
}

document.addEventListener("butler:shown", later);
later();

/* --- live: the stream of what changes -------------------------------------------------------------------- */

const title = document.title;
let stream = null;

function live() {
  if (!document.body.dataset.page) return;
  let waiting = null;
  clearTimeout(rest.timer);
  stream?.close();
  stream = new EventSource("/live");
  const changed = (event) => {
    const now = JSON.parse(event.data);
    const count = document.querySelector("[data-held]");
    if (count) { count.textContent = now.held; count.hidden = !now.held; }
    document.title = now.held ? `(${now.held}) ${title}` : title;
    progress(now);
    if (document.hidden) rest();
    const last = live.last ?? now;
    live.last = now;
    const heard = document.body.dataset.page === "ask" && last.told !== now.told;
    if (!heard && last.seq === now.seq && last.running === now.running && last.stopped === now.stopped) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (busy()) offer(true); else renew(); }, 400);
  };
  stream.addEventListener("changed", changed);
  stream.addEventListener("error", () => {
    // Refused: whoever was logged out meanwhile is led to the log-in by what they ask for next.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => { renew(); live(); }, 5000);
    // A stream ends every few minutes and is asked for anew; only a longer silence is worth a word.
    live.timer ||= setTimeout(() => { live.timer = 0; if (stream.readyState !== EventSource.OPEN) gone(); }, 3500);
  });
  stream.addEventListener("open", back);
}

/** Behind other tabs a page looks once a minute: a browser opens six connections to us in all, and streams would take them up. */
function rest() {
  stream?.close();
  clearTimeout(live.timer);
  live.timer = 0;
  clearTimeout(rest.timer);
  rest.timer = setTimeout(live, 60_000);
}

document.addEventListener("visibilitychange", () => {
  if (document.body.dataset.page) (document.hidden ? rest : live)();
});

function gone() {
  if (live.away) return;
  live.away = true;
  say("The butler is away. Trying again …", true);
}

function back() {
  clearTimeout(live.timer);
  live.timer = 0;
  if (!live.away) return;
  live.away = false;
  say("The butler is back.");
  renew();
}

// No stream ends with the network; and on the butler's own machine the page goes on without one.
for (const change of ["offline", "online"]) {
  addEventListener(change, async () => {
    const answers = await fetch("/healthz", { cache: "no-store" }).then(() => true, () => false);
    if (answers) { back(); live(); } else gone();
  });
}

/** Shows that something runs, and what. */
function progress(now) {
  const bar = document.getElementById("running");
  if (!bar) return;
  bar.hidden = !now.running;
  bar.querySelector("[data-what]").textContent = now.running ? `Running ${now.running.replaceAll("_", " ")} …` : "";
}

live();

// On a phone the menu is wider than the window.
document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

/* --- days: evidence stands beside its line where there is room for one at a time; a button that prints -------- */

document.addEventListener("toggle", (event) => {
  const details = event.target;
  if (!(details instanceof HTMLDetailsElement) || !details.open || !details.closest(".lines")) return;
  if (!matchMedia("(min-width: 64rem)").matches) return;
  for (const other of main.querySelectorAll(".section:not(.agenda, .conflicts) .lines details[data-load][open]")) {
    if (other !== details) other.open = false;
  }
}, true);

function printing() {
  for (const button of main.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.onclick = () => print();
  }
}

document.addEventListener("butler:shown", printing);
printing();

/* --- review: decisions without leaving the page, and by keys ------------------------------------------------ */

const cards = () => [...main.querySelectorAll(".action[tabindex]")];
const current = () => document.activeElement?.closest?.(".action[tabindex]") ?? (cards().length === 1 ? cards()[0] : null);

/** Puts the focus on a card, and shows it. */
function stand(card) {
  if (!card) return;
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: card.offsetHeight > innerHeight ? "start" : "nearest" });
}

/** What became of an action, without its buttons. */
const spoken = (line) => [...line.children].filter((each) => each.tagName !== "FORM").map((each) => each.textContent).join(": ");

/** Sends a decision; what comes back is put in place, and the next card has the focus. */
async function send(form, button) {
  const card = form.closest(".action[tabindex]") ?? current();
  const all = cards();
  const place = all.indexOf(card);
  const around = card ? [...all.slice(place), ...all.slice(0, place).reverse()].map((each) => each.id) : [];
  const body = new URLSearchParams(new FormData(form, button));
  if (button) button.disabled = true;
  try {
    const path = button?.getAttribute("formaction") ?? form.getAttribute("action");
    const answer = await fetch(path, { method: "POST", body, headers: { "Butler-Part": "1" }, credentials: "same-origin" });
    if (answer.status === 401 || new URL(answer.url).pathname === "/login") { loggedOut(); return; }
    const html = await answer.text();
    const isPlaced = answer.ok || html.includes("data-problem");
    if (!isPlaced) {
      say(new DOMParser().parseFromString(html, "text/html").querySelector("h1 + p")?.textContent ?? "That did not work.");
      return;
    }
    if (answer.redirected) history.replaceState(null, "", answer.url);
    replace(html);
    const told = main.querySelector("[data-told]");
    if (told) say([...told.querySelectorAll("li")].map(spoken).join(" "));
    const problem = main.querySelector("[data-problem]");
    if (problem) { problem.tabIndex = -1; problem.focus(); scrollTo(0, 0); return; }
    const about = told?.querySelector("li")?.id.replace("outcome", "action");
    const next = [...around, about ?? ""].map((id) => document.getElementById(id)).find(Boolean);
    if (next) stand(next); else main.focus();
  } catch {
    say("The butler is away. Whether it heard that is seen when it is back.");
  } finally {
    if (button) button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.dataset.deed === undefined) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

// A page that a form leaves is not asked for while the next one is awaited: it may be what the form deletes.
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target.method !== "dialog") leaving.since = Date.now();
});
addEventListener("pageshow", () => { leaving.since = 0; });

/** Opens the form of an action in its card, in place of what it is about. */
async function edit(link) {
  const card = link.closest(".action[tabindex]");
  const place = card?.querySelector("[data-place]");
  // It is open: what the form stands in place of must not be forgotten for the form.
  if (place?.dataset.before !== undefined) { enter(place); return; }
  const html = place && await part(`${link.href}${link.href.includes("?") ? "&" : "?"}in=place`).catch(() => null);
  if (!html || !html.includes("data-typing")) { location.href = link.href; return; }
  place.dataset.before = place.innerHTML;
  place.innerHTML = html;
  card.scrollIntoView({ block: "start" });
  enter(place);
}

/** Goes into a form where one mostly has something to change. */
function enter(place) {
  const first = place.querySelector("[name=To]") ? "textarea[name=Text]" : "input:not([type=hidden]), textarea";
  place.querySelector(first)?.focus({ preventScroll: place.offsetHeight < innerHeight });
}

/** Puts back what the form stood in place of. */
function leave(place) {
  const card = place.closest(".action[tabindex]");
  place.innerHTML = place.dataset.before;
  delete place.dataset.before;
  stand(card);
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const editing = event.target.closest("[data-edit]");
  if (editing) { event.preventDefault(); edit(editing); return; }
  const leaving = event.target.closest("[data-leave]");
  const place = leaving?.closest("[data-place]");
  if (place?.dataset.before !== undefined) { event.preventDefault(); leave(place); return; }
  if (event.target.closest("[data-help]")) document.getElementById("keys")?.showModal();
});

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  a: () => press("a"),
  e: () => press("e"),
  r: () => press("r"),
  x: () => press("x"),
  u: () => undo(),
  t: () => current()?.querySelector(".pick")?.click(),
  "?": () => document.getElementById("keys")?.showModal(),
};

function step(by) {
  const all = cards();
  const place = all.indexOf(document.activeElement?.closest?.(".action[tabindex]"));
  stand(all[place < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(place + by, 0), all.length - 1)]);
}

/** Presses what a key stands for on the card that has the focus. */
function press(key) {
  const card = current();
  if (!card) { say("Choose an action first, with j or k."); return; }
  const button = card.querySelector(`[data-key="${key}"]`);
  if (!button) { say("That cannot be done with this one here."); return; }
  button.click();
  if (key === "r") button.closest("details").querySelector("textarea").focus();
}

/** Undoes what was decided here just now; what was decided before only gets the focus, for Enter to press. */
function undo() {
  const now = main.querySelector('[data-told] [data-key="u"]') ?? current()?.querySelector('[data-key="u"]');
  if (now) { now.click(); return; }
  const before = main.querySelector('[data-key="u"]');
  if (before) { before.focus(); say("Press Enter to undo this one."); } else say("There is nothing to undo here.");
}

document.addEventListener("keydown", (event) => {
  const where = event.target;
  const isTyping = where instanceof HTMLElement && (where.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(where.tagName));
  if (event.key === "Escape" && isTyping) {
    const place = where.closest("[data-place]");
    if (place?.dataset.before !== undefined && !touched(place)) leave(place);
    else where.closest(".action[tabindex]")?.focus();
    return;
  }
  const ticks = isTyping && where.type === "checkbox";
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || (isTyping && !ticks)) return;
  if (document.querySelector("dialog[open]") || !main.querySelector(".action[tabindex], [data-key]")) return;
  const act = KEYS[event.key];
  if (act) { event.preventDefault(); act(); }
});

/** Shows what only works with this script. */
const unveil = () => { for (const each of main.querySelectorAll("[data-help]")) each.hidden = false; };
document.addEventListener("butler:shown", unveil);
unveil();
