/// <reference lib="dom" />
// The page is kept for days without a network, once it has loaded and rests. A
// newer version is told of, and used when the visitor says so. Only where the
// build has made it so, and never inside somebody else's page.

/** So long after the first prompt: the first visit is not slowed. */
const AFTER_MS = 3_000;

interface Action {
  name: string;
  act(): void;
}

export function keepOffline(
  onTell: (text: string, actions: Action[]) => void,
): void {
  const { serviceWorker: workers } = navigator;
  const isWanted = document.documentElement.dataset.offline !== undefined;
  if (!isWanted || workers === undefined || top !== self) return;
  setTimeout(() => {
    workers.register("service_worker.js").then(
      (registration) => watch(registration, onTell),
      () => {}, // without it the page works as long as there is a network
    );
  }, AFTER_MS);
  let isAsked = false;
  workers.addEventListener("controllerchange", () => {
    if (isAsked) location.reload();
  });

  function watch(
    registration: ServiceWorkerRegistration,
    onTell: (text: string, actions: Action[]) => void,
  ): void {
    const tell = () => {
      const { waiting } = registration;
      if (waiting === null || workers.controller === null) return;
      onTell("A newer Kettle is here. Your files stay as they are.", [{
        name: "Use it",
        act: () => {
          isAsked = true;
          waiting.postMessage("use");
        },
      }]);
    };
    tell();
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", tell);
    });
  }
}
