// A page that asks one thing: its sections are "<name>", with the form "<name>-form" and the line "<name>-told", and
// "done", which is shown afterwards.

import { at, tell } from "./elements.js";
import { request } from "./session.js";

// The secret of a mailed link is behind the "#", so no server has seen it; it leaves the address at once, so that
// neither the history nor a shoulder keeps it.
export function secretOfLink() {
  const secret = new URLSearchParams(location.hash.slice(1)).get("token");
  if (secret) history.replaceState(null, "", location.pathname);
  return secret;
}

export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return (await request(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

// `act` gets the form and answers the title and the text of "done".
export function onSubmit(section, act) {
  at(`${section}-form`).addEventListener("submit", async (event) => {
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
  });
}

// The password that was entered twice in a form.
export function chosenPassword(form) {
  const chosen = form.elements.new_password.value;
  if (chosen !== form.elements.repeated.value) throw new Error("These are two different passwords.");
  return chosen;
}
