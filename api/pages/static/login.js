// The form to log in, and the person's name in the corner; both pages begin here.

import { at, tell } from "./elements.js";
import { showPauses } from "./pauses.js";
import { get, logIn, logOut, resume } from "./session.js";

// Calls `show` with the person, now or after the login.
export async function enter(show) {
  const welcome = async () => {
    const me = await get("/auth/me");
    at("person-name").textContent = `${me.user.name} · ${me.role}`;
    at("person").hidden = false;
    at("log-in").hidden = true;
    await show(me);
  };
  at("log-in-form").addEventListener("submit", (event) => submitted(event, welcome));
  at("log-out").addEventListener("click", () => logOut().catch(() => {}).finally(() => location.assign("/")));
  window.addEventListener("logged-out", ask);
  showPauses();
  try {
    if (await resume()) await welcome();
    else ask();
  } catch (problem) {
    if (problem.status !== 401) tell(at("told"), problem.message);
  }
}

function ask() {
  at("content").hidden = true;
  at("person").hidden = true;
  at("log-in").hidden = false;
  at("login-name").focus();
}

async function submitted(event, welcome) {
  event.preventDefault();
  const form = event.currentTarget, button = form.querySelector("button");
  tell(at("log-in-told"), "");
  tell(at("told"), "");
  button.disabled = true;
  try {
    await logIn(form.elements.name.value, form.elements.password.value);
  } catch (problem) {
    tell(at("log-in-told"), problem.message);
    return;
  } finally {
    button.disabled = false;
  }
  form.reset();
  await welcome().catch((problem) => tell(at("told"), problem.message));
}
