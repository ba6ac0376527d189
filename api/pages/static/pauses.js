// What the shop has paused, told at the top of the page. Where the server does not answer, nothing is.

import { at, tell } from "./elements.js";
import { get } from "./session.js";

export async function showPauses() {
  const found = await get("/pauses").catch(() => []);
  const sentences = found.map(({ sentence }) => `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`);
  tell(at("paused"), sentences.join(" "), "warn");
}
