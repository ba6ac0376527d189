// The page of a booking: fetched once, followed live, drawn again whenever it moved.

import { actions } from "./actions.js";
import { at, fill, tell } from "./elements.js";
import { enter } from "./login.js";
import { chosenBefore, money, services } from "./money.js";
import { entry, findings, heading, mechanics, stages, visit, waiting } from "./sections.js";
import { get } from "./session.js";
import { follow } from "./stream.js";
import { left } from "./words.js";

const id = location.pathname.split("/").filter(Boolean).pop();
const drawn = new Map();
let me, booking, choosing, line, asking;

enter(async (person) => {
  me = person;
  booking = undefined;
  drawn.clear();
  at("loading").hidden = false;
  try {
    await refresh();
  } finally {
    at("loading").hidden = true;
  }
  at("content").hidden = false;
  line?.abort();
  line = new AbortController();
  follow(id, booking.version, { onEntry, onState, signal: line.signal });
});

window.addEventListener("logged-out", () => line?.abort());
setInterval(() => {
  for (const element of document.querySelectorAll("[data-until]")) element.textContent = left(element.dataset.until);
}, 1000);

// One question at a time; what moved meanwhile is asked for once more.
async function refresh() {
  asking = (asking || Promise.resolve()).catch(() => {}).then(async () => {
    if (!/^\d{1,18}$/.test(id)) throw new Error("There is no such booking.");
    const news = await get(`/bookings/${id}`);
    if (!booking || news.version >= booking.version) booking = news;
    draw();
  });
  return asking;
}

function draw() {
  document.title = `Booking ${booking.id} · RevCare`;
  const may = me.role === "customer" && booking.allowed_actions.includes("confirm-services");
  redraw("choice", [may, booking.services, booking.checkout], () => { choosing = may ? firstChoice() : null; });
  redraw("heading", booking.vehicle, (part) => fill(part, heading(booking)));
  redraw("stages", [booking.status, booking.timeline.length], (part) => fill(part, stages(booking)));
  redraw("waiting", booking.waiting_for, (part) => fill(part, waiting(booking, me.role)));
  redraw("services", [may, booking.services], (part) => fill(part, services(booking, choosing, choose)));
  redraw("money", [booking.totals, booking.payments, booking.refunds, booking.invoice, booking.credit_notes,
    booking.cancellation, booking.payment, booking.cash_to_collect, may], (part) => section(part, money(booking, problem)));
  redraw("findings", [booking.analysis, booking.progress], (part) => section(part, findings(booking)));
  redraw("visit", [booking.pickup, booking.drop, booking.notes, booking.customer], (part) => fill(part, visit(booking)));
  redraw("mechanics", booking.assignments, (part) => fill(part, mechanics(booking)));
  redraw("moves", booking.timeline, (part) => fill(part, booking.timeline.map((step) => entry(step, booking)).reverse()));
  drawActions();
}

// A part is made anew only when its facts changed: what is ticked, typed or focused stays.
function redraw(name, facts, make) {
  const now = JSON.stringify(facts) ?? "";
  if (drawn.get(name) === now) return;
  drawn.set(name, now);
  make(at(name));
}

function drawActions() {
  const facts = [booking.allowed_actions, booking.checkout, booking.totals, choosing && [...choosing]];
  redraw("actions", facts, (part) => fill(part, actions(booking, choosing || new Set(), { me, onDone: refresh, onProblem: problem })));
}

function section(part, content) {
  part.hidden = content.length === 0;
  fill(part, content);
}

// What was asked for is ticked, what the workshop recommends is not; after a choice, what was chosen.
function firstChoice() {
  const ticked = chosenBefore(booking) ? (service) => service.state !== "declined" : (service) => service.origin === "requested";
  return new Set(booking.services.filter(ticked).map((service) => service.service_id));
}

function choose(service, wanted) {
  if (wanted) choosing.add(service);
  else choosing.delete(service);
  drawActions();
}

function onEntry(step) {
  tell(at("told"), "");
  if (step.version > booking.version) refresh().catch(problem);
}

function onState(state) {
  const words = { live: "live", waiting: "reconnecting…", ended: "complete" };
  at("live").textContent = words[state];
  at("live").className = `badge ${state}`;
  if (state === "live" || state === "ended") refresh().catch(problem);
}

function problem(fault) {
  tell(at("told"), fault.message);
  if (fault.status === 409) refresh().catch(() => {});
}
