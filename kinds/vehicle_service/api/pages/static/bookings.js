// The list of one's own bookings, as the role has them.

import { at, fill, h, tell } from "./elements.js";
import { enter } from "./login.js";
import { request } from "./session.js";
import { capital, money, state, vehicle, who } from "./words.js";

const LISTS = {
  customer: ["Your bookings", "/bookings/customer"],
  mechanic: ["Your jobs", "/bookings/mechanic/assignments"],
  admin: ["All bookings", "/bookings/"],
};
const AT_ONCE = 20;

enter(async (me) => {
  const [title, path] = LISTS[me.role];
  at("list-title").textContent = title;
  fill(at("list"));
  at("more").onclick = () => page(path, me.role).catch((problem) => tell(at("told"), problem.message));
  await page(path, me.role);
  at("content").hidden = false;
});

async function page(path, role) {
  const list = at("list");
  const response = await request(`${path}?limit=${AT_ONCE}&offset=${list.children.length}`);
  const total = Number(response.headers.get("X-Total-Count"));
  list.append(...(await response.json()).map((booking) => row(booking, role)));
  at("more").hidden = list.children.length >= total;
  at("list-count").textContent = total ? `${list.children.length} of ${total}` : "There are none yet.";
}

// A mechanic may have several jobs on one booking.
function job({ type, active }) {
  return `${capital(type)}${active ? "" : " (ended)"}`;
}

function row(booking, role) {
  const waiting = booking.waiting_for;
  const due = booking.totals ? booking.totals.due : booking.cash_to_collect;
  return h("li", {},
    h("a", { href: `/bookings/${booking.id}`, class: "card" },
      h("span", { class: "row" },
        h("strong", {}, `${booking.id} · ${vehicle(booking.vehicle)}`),
        h("span", { class: `badge ${booking.status}` }, state(booking.status))),
      booking.assignment && h("span", {}, job(booking.assignment)),
      role !== "customer" && h("span", {}, booking.customer.name),
      h("span", {}, waiting ? `${capital(who(waiting.who, role))}: ${waiting.what}` : "Closed"),
      Number(due) > 0 && h("span", { class: "dim" }, `${role === "mechanic" ? "To collect" : "Due"}: ${money(due)}`)));
}
