// An admin's second factor: set up with the password, shown to an app as a QR code, confirmed with a code of it. The
// recovery codes are shown this once.

import { at, fill, h, tell } from "./elements.js";
import { post } from "./forms.js";
import { enter } from "./login.js";
import { get } from "./session.js";

const HERE = "/auth/second-factor";
const SECTIONS = ["begin", "scan", "codes", "there"];
const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 4;

submits("begin", (form) => begin(form.elements.password.value));
submits("scan", async (form) => showCodes(await post(`${HERE}/confirm`, { code: form.elements.code.value })));
submits("renew", async (form) => showCodes(await post(`${HERE}/recovery-codes`, { code: form.elements.code.value })));
submits("off", async (form) => {
  const { password, code } = form.elements;
  await post(`${HERE}/disable`, { current_password: password.value, code: code.value });
  show("begin");
});
at("print").addEventListener("click", () => print());

await enter(async (known, password) => {
  at("content").hidden = false;
  if (known.enabled) {
    const since = new Date(known.confirmed_at).toLocaleDateString();
    at("there-text").textContent = `It is set up since ${since}. Recovery codes left: ${known.recovery_codes_left}.`;
    show("there");
  } else if (password) {
    await begin(password);
  } else {
    show("begin");
  }
}, () => get(HERE));

async function begin(password) {
  const given = await post(HERE, { current_password: password });
  fill(at("qr"), drawn(given.qr_code));
  at("secret").textContent = given.secret.replace(/(.{4})(?=.)/g, "$1 ");
  at("uri").href = given.uri;
  show("scan");
  at("scan-code").focus();
}

function showCodes(given) {
  fill(at("codes-list"), given.recovery_codes.map((code) => h("li", {}, h("code", {}, code))));
  show("codes");
}

function show(section) {
  for (const name of SECTIONS) at(name).hidden = name !== section;
}

function submits(name, act) {
  at(`${name}-form`).addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.currentTarget, button = form.querySelector("button");
    tell(at(`${name}-told`), "");
    button.disabled = true;
    try {
      await act(form);
      form.reset();
    } catch (problem) {
      tell(at(`${name}-told`), problem.message);
    } finally {
      button.disabled = false;
    }
  });
}

function drawn(rows) {
  const size = rows.length + 2 * MARGIN;
  const dark = rows.flatMap((row, y) => [...row].map((module, x) => module === "1" ? `M${x + MARGIN} ${y + MARGIN}h1v1h-1z` : ""));
  const image = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  image.setAttribute("viewBox", `0 0 ${size} ${size}`);
  image.setAttribute("class", "qr");
  image.setAttribute("role", "img");
  image.setAttribute("aria-label", "QR code of the key below");
  path.setAttribute("d", dark.join(""));
  image.append(path);
  return image;
}
