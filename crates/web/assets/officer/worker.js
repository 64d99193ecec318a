// Service worker of the officer's pages: they open and check without network. VERSION comes first, from the server.
'use strict';

const SHELL = 'luzheng-officer-' + VERSION;
/** The pages that work without network; what they need comes with the message of the page. */
const PAGES = ['/officer', '/officer/pack'];

self.addEventListener('install', function (event) {
  event.waitUntil(self.skipWaiting());
});

self.addEventListener('activate', function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    const old = names.filter(function (name) { return name.startsWith('luzheng-officer-') && name !== SHELL; });
    return Promise.all(old.map(function (name) { return caches.delete(name); }));
  }).then(function () { return self.clients.claim(); }));
});

function keep(path) {
  return fetch(path, { credentials: 'same-origin', cache: 'no-cache' }).then(function (answer) {
    if (!answer.ok || answer.redirected) { return undefined; }
    return caches.open(SHELL).then(function (cache) { return cache.put(path, answer); });
  });
}

// A page says what it is made of; afterwards it can be opened with the network cut.
self.addEventListener('message', function (event) {
  const wanted = (event.data && event.data.keep) || [];
  const port = event.ports[0];
  event.waitUntil(Promise.all(wanted.map(keep)).then(function () {
    if (port) { port.postMessage('kept'); }
  }, function (error) {
    if (port) { port.postMessage(String(error)); }
  }));
});

self.addEventListener('fetch', function (event) {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) { return; }
  const path = url.pathname;
  const isAsset = path.startsWith('/assets/') || path === '/reasons.json';
  if (!isAsset && PAGES.indexOf(path) < 0) { return; }
  event.respondWith(fetch(event.request).then(function (answer) {
    // The newest copy is the one to fall back on.
    if (answer.ok && !answer.redirected) {
      const copy = answer.clone();
      event.waitUntil(caches.open(SHELL).then(function (cache) { return cache.put(path, copy); }));
    }
    return answer;
  }).catch(function () {
    return caches.match(path).then(function (found) {
      return found || new Response('没有网络，这一页没有保存在本机。', {
        status: 503, headers: { 'Content-Type': 'text/plain; charset=utf-8' },
      });
    });
  }));
});
