// A new password: ask for a link, or use the one from the mail. The link's secret is behind the "#", so no server has
// seen it; it leaves the address at once, so that neither the history nor a shoulder keeps it.

import { at, tell } from "./elements.js";
import { request } from "./session.js";

const secret = new URLSearchParams(location.hash.slice(1)).get("token");
if (secret) history.replaceState(null, "", location.pathname);

at("choose").hidden = !secret;
at("ask").hidden = Boolean(secret);

at("ask-form").addEventListener("submit", (event) => submitted(event, "ask", async (form) => {
  const told = await post("/auth/password/reset/request", { email: form.elements.email.value.trim() });
  return ["Look into your mail", `${told.message[0].toUpperCase()}${told.message.slice(1)}.`];
}));

at("choose-form").addEventListener("submit", (event) => submitted(event, "choose", async (form) => {
  const chosen = form.elements.new_password.value;
  if (chosen !== form.elements.repeated.value) throw new Error("These are two different passwords.");
  await post("/auth/password/reset/confirm", { token: secret, new_password: chosen });
  return ["Your password is set", "Whoever was logged in with the old one is logged out."];
}));

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return (await request(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

async function submitted(event, section, act) {
  event.preventDefault();
  const form = event.currentTarget, button = form.querySelector("button");
  tell(at(`${section}-told`), "");
  button.disabled = true;
  try {
    const [title, text] = await act(form);
    form.reset();
    at(section).hidden = true;
    at("done-title").textContent = title;
    at("done-text").textContent = text;
    at("done").hidden = false;
  } catch (problem) {
    tell(at(`${section}-told`), problem.message);
  } finally {
    button.disabled = false;
  }
}
