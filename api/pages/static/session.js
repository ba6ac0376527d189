// Who is logged in, and calls of the API in their name. The token lives in this tab; the cookie that renews it is out
// of a script's reach.

const TOKEN = "revcare.token";
const WAS_HERE = "revcare.logged-in";
const API = "/api/v1";
const keys = new Map();

export class Refusal extends Error {
  constructor(status, body) {
    super(body.detail || body.message || `the server answered ${status}`);
    this.status = status;
    this.code = body.code;
  }
}

export function token() {
  return sessionStorage.getItem(TOKEN);
}

export async function logIn(name, password, code) {
  const body = new URLSearchParams({ username: name.trim(), password, ...(code && { code }) });
  await keep(await send("/auth/login", { method: "POST", body }));
}

export async function logOut() {
  try {
    await request("/auth/logout", { method: "POST" });
  } finally {
    forget();
  }
}

// A new tab has no token: the cookie of an earlier login may give it one.
export async function resume() {
  return token() !== null || (localStorage.getItem(WAS_HERE) !== null && renew(null));
}

export async function get(path) {
  return (await request(path)).json();
}

// An act has one key until it is answered: a second click, or a try after a broken line, does not do it twice.
export async function act(method, path, body) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const action = `${method} ${path} ${text}`;
  if (!keys.has(action)) keys.set(action, chance());
  const headers = { "Idempotency-Key": keys.get(action) };
  if (text !== undefined) headers["Content-Type"] = "application/json";
  try {
    const answer = await (await request(path, { method, body: text, headers })).json();
    keys.delete(action);
    return answer;
  } catch (problem) {
    if (problem instanceof Refusal && problem.status < 500) keys.delete(action);
    throw problem;
  }
}

// With the token; renewed once if it has run out. Throws a Refusal for anything but success.
export async function request(path, options = {}) {
  const used = token();
  try {
    return await send(path, options, used);
  } catch (problem) {
    if (!(problem instanceof Refusal) || problem.status !== 401) throw problem;
    if (await renew(used)) return send(path, options, token());
    window.dispatchEvent(new Event("logged-out"));
    throw problem;
  }
}

async function send(path, options, bearer) {
  const headers = { Accept: "application/json", ...options.headers };
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  let response;
  try {
    response = await fetch(path.startsWith("/api/") ? path : API + path, { ...options, headers });
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    throw new Error("The server cannot be reached. Try again in a moment.");
  }
  if (response.ok) return response;
  throw new Refusal(response.status, await response.json().catch(() => ({})));
}

// A second use of a renewing cookie ends the session unless it comes within seconds: tabs and calls take turns.
function renew(used) {
  const turn = async () => {
    if (token() !== used) return token() !== null;
    try {
      await keep(await send("/auth/refresh", { method: "POST" }));
      return true;
    } catch (problem) {
      if (!(problem instanceof Refusal) || problem.status !== 401) throw problem;
      forget();
      return false;
    }
  };
  return navigator.locks ? navigator.locks.request("revcare-renew", turn) : turn();
}

async function keep(response) {
  sessionStorage.setItem(TOKEN, (await response.json()).access_token);
  localStorage.setItem(WAS_HERE, "yes");
}

function forget() {
  sessionStorage.removeItem(TOKEN);
  localStorage.removeItem(WAS_HERE);
}

function chance() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
