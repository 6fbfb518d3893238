// Lets the dashboard be opened without a network: the browser keeps the files that it is made of.
//
// What the network answers always comes first, so nobody sees an old dashboard while there is one.
// Only the page and its own files are kept; what somebody opens from an address is none of this.

const KEPT = "everview-dashboard";

/** Files that no page names: the worker starts from the first. */
const WORKER = ["everview-worker_loader.js", "everview-worker.js", "everview-worker_bg.wasm"];

/** As many files as two versions of the dashboard have: older ones go. */
const MOST = 40;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keepAll());
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && (request.mode === "navigate" || isPart(new URL(request.url)))) {
    event.respondWith(newest(request));
  }
});

/** Keeps the page and all that it names, before any of it is asked for again. */
async function keepAll() {
  const page = await fetch(self.registration.scope);
  const names = (await page.clone().text()).match(/[\w.-]+\.(?:css|js|wasm)\b/g) ?? [];
  const kept = await caches.open(KEPT);
  await kept.put(self.registration.scope, page);
  await kept.addAll([...new Set([...names, ...WORKER])].map((name) => self.registration.scope + name));
}

function isPart({ href, pathname }) {
  const name = href.startsWith(self.registration.scope) && pathname.split("/").pop();
  return href === self.registration.scope + name && /\.(css|js|wasm)$/.test(name);
}

async function newest(request) {
  // Every place of the dashboard is the same page.
  const key = request.mode === "navigate" ? self.registration.scope : request.url;
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok) await keep(kept, key, answer.clone());
    return answer;
  } catch (error) {
    const answer = await kept.match(key);
    if (answer) return answer;
    throw error;
  }
}

async function keep(kept, key, answer) {
  await kept.delete(key);
  await kept.put(key, answer);
  // In the order in which they were kept.
  const keys = await kept.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST)).map((old) => kept.delete(old)));
}
