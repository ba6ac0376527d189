// The form to log in, and the person's name in the corner; pages for people who are logged in begin here.

import { at, tell } from "./elements.js";
import { showPauses } from "./pauses.js";
import { get, logIn, logOut, resume } from "./session.js";

const NEEDED = "SecondFactorNeeded";

// Calls `show` with what `known` answers, now or after the login; then also with the password that was entered.
export async function enter(show, known = me) {
  const welcome = async (password) => {
    const answer = await known().catch((problem) => {
      if (problem.code === NEEDED) location.assign("/second-factor");
      throw problem;
    });
    at("person").hidden = false;
    at("log-in").hidden = true;
    await show(answer, password);
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

async function me() {
  const answer = await get("/auth/me");
  at("person-name").textContent = `${answer.user.name} · ${answer.role}`;
  return answer;
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
  const { name, password, code } = form.elements, entered = password.value;
  try {
    await logIn(name.value, entered, code.value);
  } catch (problem) {
    if (problem.code === NEEDED) {
      at("code-row").hidden = false;
      code.focus();
    }
    tell(at("log-in-told"), problem.code === NEEDED && !code.value ? "Enter a code of your app, or a recovery code." : problem.message);
    return;
  } finally {
    button.disabled = false;
  }
  form.reset();
  at("code-row").hidden = true;
  await welcome(entered).catch((problem) => tell(at("told"), problem.message));
}
