/// <reference lib="webworker" />
// The page without a network, after the first visit: all files of one version lie
// in one cache, and a page gets them from there or, when one is missing, from the
// host. A newer version is fetched beside it and waits until the visitor wants it,
// so that no page is made of two. The build says which files, and which version.

declare const OFFLINE_FILES: string[];
declare const OFFLINE_VERSION: string;

const worker = self as unknown as ServiceWorkerGlobalScope;
const PREFIX = `kettle ${worker.registration.scope} `;
const CACHE = PREFIX + OFFLINE_VERSION;

worker.addEventListener("install", (event) => {
  event.waitUntil(fetchAll());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers());
});

worker.addEventListener("message", ({ data }) => {
  if (data === "use") worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const isOurs = request.method === "GET" && origin === location.origin &&
    pathname.startsWith(new URL(worker.registration.scope).pathname);
  if (isOurs) event.respondWith(answer(request));
});

/** All or nothing: half a version is none. */
async function fetchAll(): Promise<void> {
  const cache = await caches.open(CACHE);
  const requests = OFFLINE_FILES.map((name) =>
    new Request(new URL(name, worker.registration.scope), { cache: "no-cache" })
  );
  await cache.addAll(requests);
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== CACHE)
      .map((name) => caches.delete(name)),
  );
}

async function answer(request: Request): Promise<Response> {
  const address = new URL(request.url);
  address.search = address.hash = "";
  address.pathname = address.pathname.replace(/\/index\.html$/, "/");
  try {
    const cache = await caches.open(CACHE);
    const found = await cache.match(address);
    if (found !== undefined) return found;
  } catch {
    // A cache that cannot be read is as good as none.
  }
  return await fetch(request);
}
