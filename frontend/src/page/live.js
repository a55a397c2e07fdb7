// What the server tells while a page is open: one stream for all tabs of a browser, since it opens only so many connections to a node.
//
//   body[data-stream][data-since]   where the stream is, and the moment (microseconds) up to which this page shows what arrived
//   [data-live=arrived]             how many arrived since; hidden while none did. data-text: its text, with {n}; without it the bare number

import { person } from "./kept.js";

const AGAIN = 60_000;
const NAME = "comity.live";
/** The server tells at most so many at once. */
const MOST = 100;

/** Listen, if the page says where. */
export function live() {
  const from = document.body.dataset.stream;
  if (!from || !window.EventSource) return;
  const since = Number(document.body.dataset.since);
  const known = new Set();
  const show = (moments) => {
    for (const moment of moments) if (moment > since) known.add(moment);
    shown(known.size);
  };
  const channel = window.BroadcastChannel ? new BroadcastChannel(`${NAME} ${person()}`) : null;
  const tell = (moments) => {
    show(moments);
    channel?.postMessage({ moments });
  };
  const lead = () => listen(`${from}?after=${since}`, tell);
  if (channel && navigator.locks) {
    // The tab that holds the lock listens for all; when it closes, the next one does. It tells a new tab again what it heard.
    let leads = false;
    channel.onmessage = ({ data }) => {
      if (data.moments) show(data.moments);
      else if (leads) channel.postMessage({ moments: [...known] });
    };
    channel.postMessage({ hello: true });
    navigator.locks.request(NAME, () => {
      leads = true;
      return lead();
    });
  } else {
    lead(); // without locks (plain HTTP beyond this machine) each tab listens
  }
}

/** Listen until the page goes. The browser connects again by itself, but not after a refusal. */
function listen(from, tell) {
  return new Promise(() => {
    const connect = () => {
      const source = new EventSource(from);
      source.addEventListener("arrived", (event) => tell(JSON.parse(event.data)));
      source.addEventListener("over", () => source.close()); // signed out: nothing more will come
      source.onerror = () => {
        if (source.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN);
      };
    };
    connect();
  });
}

function shown(count) {
  const n = count >= MOST ? `${MOST - 1}+` : String(count);
  for (const place of document.querySelectorAll("[data-live=arrived]")) {
    place.textContent = count === 0 ? "" : (place.dataset.text?.replace("{n}", n) ?? n);
    place.hidden = count === 0;
  }
}
