// The parts of a booking that are only to be read; each takes the booking as the API tells it.

import { capital, date, JOURNEY, left, money, move, state, time, vehicle, who } from "./words.js";
import { facts, h, pictures } from "./elements.js";

export function heading(booking) {
  return [
    h("p", { class: "dim" }, `Booking ${booking.id}`),
    h("h1", {}, vehicle(booking.vehicle)),
  ];
}

// The stages of the journey; a cancelled one shows how far it came.
export function stages(booking) {
  const walkIn = booking.pickup.type === "walk_in";
  const passed = new Set(booking.timeline.map((entry) => entry.status)).add(booking.status);
  let journey = JOURNEY.filter((name) => !walkIn || !["pickup", "out-for-delivery"].includes(name));
  if (booking.status === "cancelled") journey = [...journey.filter((name) => passed.has(name)), "cancelled"];
  const here = journey.indexOf(booking.status);
  return h("ol", { class: "stages" }, journey.map((name, index) => {
    const kind = index < here ? "done" : index === here ? `here ${name}` : "ahead";
    const spoken = index < here ? "done" : index === here ? "now" : "to come";
    return h("li", { class: kind, "aria-current": index === here && "step" },
      h("span", {}, capital(state(name))), h("span", { class: "unseen" }, ` (${spoken})`));
  }));
}

export function waiting(booking, role) {
  const wait = booking.waiting_for;
  if (!wait) {
    const end = booking.status === "cancelled" ? "This booking was cancelled and is closed." : "All done: this booking is closed.";
    return h("p", { class: "sentence" }, end, booking.closed_at ? h("span", { class: "dim" }, " ", time(booking.closed_at)) : null);
  }
  return h("p", { class: "sentence" },
    "Waiting for ", h("strong", {}, who(wait.who, role)), ` ${wait.what}`,
    wait.until && [" until ", time(wait.until), " (", h("span", { "data-until": wait.until, "aria-hidden": "true" }, left(wait.until)), ")"],
    wait.then ? `, then ${wait.then}.` : ".");
}

export function visit(booking) {
  const car = booking.vehicle, walkIn = booking.pickup.type === "walk_in";
  return [
    h("h2", {}, "Vehicle and times"),
    facts(
      ["Vehicle", `${car.manufacturer} ${car.model}, ${car.fuel_type}, ${car.car_class}`],
      ["Plate", car.registration_number],
      ["Customer", booking.customer.name],
      ["Phone", booking.customer.phone],
      [walkIn ? "Comes to the shop" : "Pickup", leg(booking.pickup)],
      [walkIn ? "Ready" : "Return", leg(booking.drop)],
      ["Notes", booking.notes],
    ),
  ];
}

function leg(way) {
  const { timeslot, address } = way;
  const where = address && [address.label, address.line1, address.line2, address.area, address.pincode].filter(Boolean).join(", ");
  return [
    h("div", {}, date(way.date)),
    h("div", {}, `${timeslot.name}, ${timeslot.start_time}–${timeslot.end_time}`),
    where && h("div", { class: "dim" }, where),
  ];
}

export function mechanics(booking) {
  const rows = booking.assignments.map((job) =>
    h("li", {}, h("strong", {}, capital(job.type)), ` ${job.mechanic.name} `,
      job.active && h("span", { class: "badge" }, "at work"), job.note && h("div", { class: "dim" }, job.note)));
  return [h("h2", {}, "Mechanics"), rows.length ? h("ul", { class: "plain" }, rows) : h("p", { class: "dim" }, "None yet.")];
}

export function findings(booking) {
  const { analysis, progress } = booking;
  if (!analysis && progress.length === 0) return [];
  const titles = new Map(booking.services.map((line) => [line.service_id, line.title]));
  const broughtIn = (report) => report.status === "received";
  const account = (report) => h("div", { class: "report" },
    h("h3", {}, capital(state(report.status)), " ", standing(report)),
    report.notes && h("p", {}, report.notes),
    report.service_ids.length > 0 && h("p", {}, `Done: ${report.service_ids.map((id) => titles.get(id) || id).join(", ")}`),
    pictures(report.images),
    h("p", { class: "dim" }, time(report.timestamp)));
  return [
    h("h2", {}, "From the workshop"),
    progress.filter(broughtIn).map(account),
    analysis && h("div", { class: "report" },
      h("h3", {}, "Analysis ", standing(analysis)),
      h("p", {}, analysis.description),
      analysis.recommendation && h("p", {}, h("strong", {}, "Recommended: "), analysis.recommendation),
      pictures(analysis.images)),
    progress.filter((report) => !broughtIn(report)).map(account),
  ];
}

function standing(report) {
  if (report.sent_back) return h("span", { class: "badge bad" }, `sent back: ${report.sent_back}`);
  return report.validated ? null : h("span", { class: "badge" }, "not approved yet");
}

// A note keeps the id of a mechanic and the number of a document; the booking says who and what that is.
export function entry(step, booking) {
  const credited = booking.credit_notes.some((document) => document.number === step.note);
  const words = credited ? "A credit note was issued" : move(step.action, step.status);
  const names = new Map(booking.assignments.map((job) => [job.mechanic.id, job.mechanic.name]));
  const note = step.action === "assign" ? step.note?.replace(/\w+$/, (id) => names.get(id) || id) : step.note;
  const more = note && note.toLowerCase() !== words.toLowerCase();
  return h("li", {},
    h("div", { class: "row" }, h("strong", {}, words), h("span", { class: `badge ${step.status}` }, state(step.status))),
    more && h("div", {}, note),
    h("div", { class: "dim" }, time(step.at), ` · ${step.by.name || step.by.role}`));
}
