// What a customer can do now. Which of it is open, the API says; nothing here judges.

import { at, fill, h, tell } from "./elements.js";
import { chosenSum } from "./money.js";
import { pay } from "./checkout.js";
import { act, get } from "./session.js";
import { money } from "./words.js";

export function actions(booking, choosing, { me, onDone, onProblem }) {
  const open = new Set(me.role === "customer" ? booking.allowed_actions : []);
  const buttons = [];
  const busy = (action) => (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    tell(at("told"), "");
    action().then(onDone, onProblem).finally(() => { button.disabled = false; });
  };
  if (me.role === "customer" && booking.checkout) {
    const amount = money(booking.checkout.amount / 100);
    buttons.push(h("button", { type: "button", class: "main", id: "pay-now", click: busy(() => checkedOut(booking, me)) }, `Pay ${amount} now`));
  }
  if (open.has("confirm-services")) {
    const nothing = choosing.size === 0;
    const again = booking.checkout !== null;
    const ordered = (line) => line.state !== "declined";
    const same = again && booking.services.every((line) => ordered(line) === choosing.has(line.service_id));
    buttons.push(
      !same && h("button", { type: "button", class: again ? null : "main", id: "confirm-online", disabled: nothing, click: busy(() => online(booking, choosing, me)) },
        again ? "Change the choice and pay online" : "Approve and pay online"),
      h("button", { type: "button", id: "confirm-cash", disabled: nothing, click: busy(() => cash(booking, choosing)) }, "Approve and pay in cash"));
  }
  const sum = open.has("confirm-services") && h("p", { id: "sum", class: "grow" }, ...sumOf(booking, choosing));
  if (open.has("cancel")) {
    buttons.push(h("button", { type: "button", class: "quiet bad", id: "cancel", click: busy(() => cancel(booking)) }, "Cancel the booking…"));
  }
  return buttons.length ? h("div", { class: "card actions" }, sum, h("div", { class: "buttons" }, buttons)) : null;
}

function sumOf(booking, choosing) {
  if (choosing.size === 0) return ["Tick at least one service below."];
  const percent = Number(booking.totals.gst_percent);
  return ["Chosen below: ", h("strong", {}, chosenSum(booking, choosing)), ` plus ${percent} % GST`];
}

async function online(booking, choosing, me) {
  const body = { service_ids: [...choosing], payment_method: "online" };
  const confirmed = await act("PUT", `/bookings/${booking.id}/confirm-services`, body);
  return confirmed.checkout ? checkedOut(confirmed, me) : confirmed;
}

async function checkedOut(booking, me) {
  const outcome = await pay(booking.checkout, booking, me.user);
  if (outcome === "dismissed") tell(at("told"), "The payment window was closed. If you paid, it shows here in a moment.", "");
}

async function cash(booking, choosing) {
  const agreed = await asked("Pay in cash?", [
    h("p", {}, `You approve ${choosing.size === 1 ? "one service" : `${choosing.size} services`} for `,
      h("strong", {}, chosenSum(booking, choosing)), ` plus ${Number(booking.totals.gst_percent)} % GST. The work starts; `,
      "you pay when the vehicle comes back."),
  ], "Approve");
  if (agreed) await act("PUT", `/bookings/${booking.id}/confirm-services`, { service_ids: [...choosing], payment_method: "offline" });
}

// The fee first, then the question: the same function of the server computes both.
async function cancel(booking) {
  const price = await get(`/bookings/${booking.id}/cancellation`);
  const fee = Number(price.fee) + Number(price.gst_on_fee);
  const reason = h("textarea", { id: "reason", rows: 2, maxlength: 1000 });
  const told = [
    h("p", {}, fee === 0 ? "It costs nothing." : ["It costs ", h("strong", {}, money(fee)), ` (fee ${money(price.fee)}, GST ${money(price.gst_on_fee)}).`]),
    Number(price.refund) > 0 && h("p", {}, "You get back ", h("strong", {}, money(price.refund)), "."),
    price.returns_car && h("p", {}, "The vehicle is with us and will be given back to you."),
    price.reason && h("p", {}, price.reason),
  ];
  if (!price.allowed) return void await asked("This cannot be cancelled", told, null);
  const agreed = await asked("Cancel this booking?", [...told, h("label", { for: "reason" }, "Reason (optional)"), reason],
    fee === 0 ? "Cancel the booking" : `Cancel for ${money(fee)}`);
  if (agreed) await act("PUT", `/bookings/${booking.id}/cancel`, { reason: reason.value.trim() || null });
}

function asked(title, content, yes) {
  const dialog = at("dialog");
  const close = (answer) => () => dialog.close(answer);
  fill(dialog,
    h("h2", { id: "dialog-title" }, title), content,
    h("div", { class: "buttons" },
      yes && h("button", { type: "button", class: "main", id: "dialog-yes", click: close("yes") }, yes),
      h("button", { type: "button", id: "dialog-no", click: close("") }, yes ? "No, go back" : "Close")));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
