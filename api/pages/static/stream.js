// The timeline as it grows. EventSource cannot send a token, so the events are read from a fetch; a broken line is
// taken up again after the last event that arrived.

import { request } from "./session.js";

const SILENCE = 30000; // the server gives a sign of life every ten seconds
const LONGEST_PAUSE = 30000;

// Calls `onEntry` for each entry and `onState` with "live", "waiting" or "ended", until the booking is closed.
export async function follow(id, after, { onEntry, onState, signal }) {
  let last = after, pause = 1000;
  while (!signal.aborted) {
    try {
      const ended = await listen(id, () => last, signal, onState, (entry) => {
        last = Math.max(last, entry.version);
        pause = 1000;
        onEntry(entry);
      });
      if (ended) return onState("ended");
    } catch (problem) {
      if (problem.status === 401 || problem.status === 403 || problem.status === 404) return onState("ended");
    }
    if (signal.aborted) return;
    onState("waiting");
    await new Promise((done) => setTimeout(done, pause));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

async function listen(id, last, signal, onState, onEntry) {
  const line = new AbortController();
  const hangUp = () => line.abort();
  signal.addEventListener("abort", hangUp);
  let silence = setTimeout(hangUp, SILENCE);
  try {
    const headers = { Accept: "text/event-stream", "Last-Event-ID": String(last()) };
    const response = await request(`/bookings/${id}/events`, { headers, signal: line.signal, cache: "no-store" });
    if (response.status === 204) return true;
    onState("live");
    for await (const event of events(response.body)) {
      clearTimeout(silence);
      silence = setTimeout(hangUp, SILENCE);
      if (event.event === "end") return true;
      if (event.data) onEntry(JSON.parse(event.data));
    }
    return false;
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", hangUp);
    line.abort();
  }
}

// Each event as {id, event, data}; a comment comes as an empty one, for it is a sign of life too.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) yield read(block);
  }
}

function read(block) {
  const event = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
  }
  return event;
}
