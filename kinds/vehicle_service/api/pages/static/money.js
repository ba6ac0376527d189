// What it costs, what was paid, and the documents.

import { facts, h } from "./elements.js";
import { request } from "./session.js";
import { capital, money as rupees, state, time } from "./words.js";

const SIGNS = { success: "paid", pending: "pending", failed: "failed", processed: "processed" };

// An order was made once, for some of the lines.
export function chosenBefore(booking) {
  return booking.checkout !== null || booking.services.some((line) => line.state === "declined");
}

// `choosing`: the ids that are ticked, while the customer may choose; `onChoice` when that changes.
export function services(booking, choosing, onChoice) {
  const priced = booking.services.some((line) => line.estimate !== null);
  return [
    h("h2", {}, choosing ? "Choose the services" : "Services"),
    h("ul", { class: "lines" }, booking.services.map((line) => serviceLine(line, priced, choosing, onChoice))),
  ];
}

function serviceLine(line, priced, choosing, onChoice) {
  const title = [
    h("strong", {}, line.title), line.quantity > 1 && ` × ${line.quantity}`,
    line.origin === "recommended" && [" ", h("span", { class: "badge" }, "recommended")],
  ];
  const box = choosing && h("input", {
    type: "checkbox", id: `line-${line.service_id}`, checked: choosing.has(line.service_id),
    change: (event) => onChoice(line.service_id, event.currentTarget.checked),
  });
  return h("li", { class: line.state === "declined" && !choosing ? "declined" : null },
    box,
    h("div", { class: "grow" },
      choosing ? h("label", { for: `line-${line.service_id}` }, title) : h("div", {}, title),
      h("div", { class: "dim" }, [
        priced && line.estimate !== null && `estimate ${rupees(line.estimate)}`,
        priced && line.quote !== null && `quote ${rupees(line.quote)}`,
        capital(state(line.state)),
      ].filter(Boolean).join(" · "))),
    priced && h("div", { class: "amount" }, rupees(line.price ?? line.quote ?? line.estimate ?? 0),
      line.quantity > 1 && h("span", { class: "dim" }, " each")));
}

// The price of what is ticked, before tax: the server adds the tax and has the last word.
export function chosenSum(booking, choosing) {
  const paise = booking.services.filter((line) => choosing.has(line.service_id)).reduce((sum, line) =>
    sum + Math.round(Number(line.quote ?? line.estimate) * 100) * line.quantity, 0);
  return rupees(paise / 100);
}

export function money(booking, onProblem) {
  const total = booking.totals;
  if (!total) {
    const cash = booking.cash_to_collect;
    return cash ? [h("h2", {}, "Money"), facts(["To collect in cash", h("strong", {}, rupees(cash))])] : [];
  }
  return [
    h("h2", {}, booking.status === "analysed" && !chosenBefore(booking) ? "All lines together" : "Money"),
    facts(
      ["Subtotal", rupees(total.subtotal)],
      ...taxes(total),
      ["Total", h("strong", {}, rupees(total.total))],
      ["Paid", some(total.paid)],
      ["Refunded", some(total.refunded)],
      ["Due", h("strong", {}, rupees(total.due))],
      ["Payment", booking.payment?.method && (booking.payment.method === "offline" ? "cash" : booking.payment.method)],
    ),
    cancellation(booking),
    ledger(booking),
    documents(booking, onProblem),
  ];
}

function taxes(total) {
  const percent = Number(total.gst_percent);
  if (Number(total.igst) > 0) return [[`IGST ${percent} %`, rupees(total.igst)], ["Rounding", some(total.round_off)]];
  return [[`CGST ${percent / 2} %`, some(total.cgst)], [`SGST ${percent / 2} %`, some(total.sgst)],
    ["Rounding", some(total.round_off)]];
}

function some(amount) {
  return Number(amount) === 0 ? null : rupees(amount);
}

function cancellation(booking) {
  const done = booking.cancellation;
  return done && [
    h("h3", {}, "Cancellation"),
    facts(["Fee", some(done.fee)], ["GST on the fee", some(done.gst_on_fee)], ["Refund", some(done.refund)],
      ["Reason", done.reason], ["By", done.by.name], ["At", time(done.at)]),
  ];
}

function ledger(booking) {
  const rows = [
    ...booking.payments.map((row) => ["Payment", row, row.captured_at || row.created_at, row.method === "offline" ? "cash" : row.method]),
    ...booking.refunds.map((row) => ["Refund", row, row.processed_at || row.requested_at, row.reason]),
  ];
  return rows.length > 0 && h("ul", { class: "plain" }, rows.map(([what, row, at, how]) =>
    h("li", { class: "row" },
      h("span", {}, `${what} `, h("span", { class: "dim" }, how ? `${how}, ` : "", at && time(at))),
      h("span", {}, rupees(row.amount), " ", h("span", { class: `badge ${row.status}` }, SIGNS[row.status] || row.status)))));
}

function documents(booking, onProblem) {
  const list = [
    booking.invoice && ["Invoice", booking.invoice],
    ...booking.credit_notes.map((note) => ["Credit note", note]),
  ].filter(Boolean);
  return list.length > 0 && h("p", { class: "buttons" }, list.map(([what, stored]) => h("button", {
    type: "button", click: () => download(stored).catch(onProblem),
  }, `${what} ${stored.number} (PDF)`)));
}

// A link cannot carry the token: the document is fetched, then given to the browser to save.
async function download(stored) {
  const content = await (await request(stored.url, { headers: { Accept: "application/pdf, application/json" } })).blob();
  const address = URL.createObjectURL(content);
  const link = h("a", { href: address, download: `${stored.number.replaceAll("/", "-")}.pdf` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
