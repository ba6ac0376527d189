// Elements made from words. Children become text nodes: a name that looks like markup stays a name.

const PROPERTIES = new Set(["checked", "disabled", "hidden", "value", "open"]);

export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else if (PROPERTIES.has(name)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...there(children));
  return element;
}

export function at(id) {
  return document.getElementById(id);
}

export function fill(element, ...children) {
  element.replaceChildren(...there(children));
}

// Lists may hold lists, and what is not there may be written as `condition && element`.
function there(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

// Show a sentence in an alert that is there for it, or take it away.
export function tell(element, text, kind = "bad") {
  element.textContent = text || "";
  element.className = `note ${kind}`;
  element.hidden = !text;
}

// Pairs of a name and what it is; pairs without a value are left out.
export function facts(...pairs) {
  const told = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", {}, told.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

// Addresses come from people: a picture is a web address or an upload of ours, never a script.
export function pictures(addresses) {
  const genuine = (addresses || []).filter((address) => /^(https?:\/\/|\/uploads\/)/i.test(address));
  return genuine.length === 0 ? null : h("p", {}, genuine.map((address, index) =>
    h("a", { href: address, target: "_blank", rel: "noopener noreferrer", class: "badge" }, `Picture ${index + 1}`)));
}
