// What every page has: a toast that goes, dialogs that open, forms that are sent once.
'use strict';
(function () {
  document.documentElement.classList.add('js');

  const toast = document.getElementById('toast');
  if (toast) {
    setTimeout(function () { toast.classList.add('gone'); }, 5000);
    // The address without what was done, so that a reload does not say it again.
    const url = new URL(location.href);
    url.searchParams.delete('done');
    history.replaceState(null, '', url.pathname + url.search + url.hash);
  }

  document.addEventListener('submit', function (event) {
    const form = event.target;
    if (event.defaultPrevented || form.dataset.sent) {
      if (form.dataset.sent) { event.preventDefault(); }
      return;
    }
    if (form.method === 'post') {
      form.dataset.sent = 'yes';
      const button = event.submitter || form.querySelector('button:not([type=button])');
      if (button) { button.classList.add('busy'); }
    }
  });

  // A page that comes back from the history may be sent again.
  addEventListener('pageshow', function () {
    document.querySelectorAll('form[data-sent]').forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll('.busy').forEach(function (one) { one.classList.remove('busy'); });
    });
  });

  // <details class="dialog">: Escape and a click beside it close it; without this script it opens in place.
  addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') { return; }
    document.querySelectorAll('details.dialog[open]').forEach(function (one) { one.open = false; });
  });
  document.addEventListener('click', function (event) {
    document.querySelectorAll('details.dialog[open]').forEach(function (one) {
      const shut = event.target.closest('[data-close]');
      if (shut && one.contains(shut)) { one.open = false; }
    });
  });
}());

// Signing out takes everything with it that was kept for showing without network.
(function () {
  document.addEventListener('submit', function (event) {
    if (!event.target.action.endsWith('/sign-out')) { return; }
    try {
      Object.keys(localStorage).filter(function (key) { return key.startsWith('luzheng-slots-'); })
        .forEach(function (key) { localStorage.removeItem(key); });
      if (window.caches) { caches.delete('luzheng-holder-kept'); }
    } catch (error) { /* nothing was kept */ }
  });
}());
