// Service worker of the holder's pages: what was opened for showing opens again without network. VERSION comes first, from the server.
'use strict';

const SHELL = 'luzheng-holder-' + VERSION;
const KEPT = 'luzheng-holder-kept';

self.addEventListener('install', function (event) {
  event.waitUntil(self.skipWaiting());
});

self.addEventListener('activate', function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    const old = names.filter(function (name) { return name.startsWith('luzheng-holder-') && name !== SHELL && name !== KEPT; });
    return Promise.all(old.map(function (name) { return caches.delete(name); }));
  }).then(function () { return self.clients.claim(); }));
});

// The page names what it needs again: itself and its face.
self.addEventListener('message', function (event) {
  const wanted = (event.data && event.data.keep) || [];
  event.waitUntil(caches.open(KEPT).then(function (cache) {
    return Promise.all(wanted.map(function (path) {
      return fetch(path, { credentials: 'same-origin' }).then(function (answer) {
        return answer.ok && !answer.redirected ? cache.put(path, answer) : undefined;
      });
    }));
  }));
});

self.addEventListener('fetch', function (event) {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) { return; }
  const isAsset = url.pathname.startsWith('/assets/');
  if (!isAsset && !url.pathname.startsWith('/holder/show/') && !url.pathname.includes('/face/')) { return; }
  if (url.pathname.endsWith('/codes')) { return; }
  event.respondWith(fetch(event.request).then(function (answer) {
    if (isAsset && answer.ok) {
      const copy = answer.clone();
      event.waitUntil(caches.open(SHELL).then(function (cache) { return cache.put(url.pathname, copy); }));
    }
    return answer;
  }).catch(function () {
    return caches.match(url.pathname).then(function (found) {
      return found || new Response('没有网络，这一页没有保存在手机上。', {
        status: 503, headers: { 'Content-Type': 'text/plain; charset=utf-8' },
      });
    });
  }));
});
