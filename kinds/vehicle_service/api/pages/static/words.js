// How amounts, times and states read. What is not known here is shown as the API says it.

import { h } from "./elements.js";

const rupees = new Intl.NumberFormat("en-IN", { style: "currency", currency: "INR" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeZone: "UTC" });

export const JOURNEY = ["booked", "pickup", "received", "analysis", "analysed", "in-progress", "completed",
  "out-for-delivery", "delivered"];

const STATES = { pickup: "pickup", "in-progress": "in progress", "out-for-delivery": "out for delivery" };

const MOVES = {
  book: "Booked",
  receive: "The vehicle was received in the shop",
  assign: "A mechanic was assigned",
  "submit-progress received": "The vehicle was collected",
  "submit-progress delivered": "The vehicle was brought back",
  "submit-progress cancelled": "The vehicle was brought back",
  "submit-progress": "The mechanic reported",
  "edit-progress": "The report was corrected",
  "validate-progress": "The report was approved",
  "send-back-progress": "The report was sent back",
  "submit-analysis": "The analysis is done",
  "edit-analysis": "The analysis was corrected",
  "validate-analysis": "The estimate is ready",
  "send-back-analysis": "The analysis was sent back",
  "confirm-services": "The services were chosen",
  "choose-cash": "Cash was chosen",
  pay: "The payment arrived",
  "payment-failed": "A payment failed",
  "open-collection": "The payment on delivery is due",
  "verify-cod": "The cash was received",
  "issue-invoice": "An invoice was issued",
  "refuse-payment": "The payment on delivery was refused",
  reschedule: "The times were changed",
  cancel: "Cancelled",
  expire: "A deadline passed",
  alert: "The workshop was reminded",
  "return-money": "Money that was not due goes back",
  refund: "Refund",
  "retry-refund": "The refund is tried again",
  dispute: "The bank disputes the payment",
  "clear-attention": "The workshop has looked at it",
  repair: "A lost step was taken back",
  "hand-over": "The vehicle was handed over",
};

const WHO = { customer: "the customer", mechanic: "the mechanic", admin: "the workshop", system: "RevCare",
  provider: "the payment provider" };

export function money(amount) {
  return rupees.format(Number(amount));
}

export function state(status) {
  return STATES[status] || status;
}

export function move(action, status) {
  return MOVES[`${action} ${status}`] || MOVES[action] || action;
}

export function who(part, role) {
  return part === role ? "you" : WHO[part] || part;
}

export function date(text) {
  return day.format(new Date(`${text}T00:00:00Z`));
}

export function time(text) {
  return h("time", { datetime: text }, moment.format(new Date(text)));
}

// "in 1 day 23 h": the two largest units, so that a deadline can be felt.
export function left(text) {
  let seconds = Math.round((new Date(text) - Date.now()) / 1000);
  if (seconds <= 0) return "now";
  const parts = [];
  for (const [name, size] of [["day", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count) parts.push(`${count} ${name}${name === "day" && count > 1 ? "s" : ""}`);
  }
  return `in ${parts.slice(0, 2).join(" ")}`;
}

export function vehicle(car) {
  return `${car.manufacturer} ${car.model} · ${car.registration_number}`;
}

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
