// Says what this browser lacks for the officer's pages. Written for browsers that are too old for the rest of them.
'use strict';
(function () {
  /** What is needed, and whether it is there. */
  var NEEDS = [
    ['脚本模块（ES2020）', function () { return 'noModule' in document.createElement('script') && typeof BigInt === 'function' && typeof Promise.allSettled === 'function'; }],
    ['安全连接（HTTPS）', function () { return window.isSecureContext !== false; }],
    ['本机存储（IndexedDB）', function () { return !!window.indexedDB; }],
    ['离线页面（Service Worker）', function () { return !!navigator.serviceWorker && !!window.caches; }],
    ['安全随机数', function () { return !!window.crypto && typeof crypto.getRandomValues === 'function'; }],
    ['摄像头', function () { return !!navigator.mediaDevices && !!navigator.mediaDevices.getUserMedia; }]
  ];
  var lacking = [];
  for (var i = 0; i < NEEDS.length; i++) {
    var there = false;
    try { there = NEEDS[i][1](); } catch (error) { there = false; }
    if (!there) { lacking.push(NEEDS[i][0]); }
  }
  var notice = document.getElementById('lacking');
  var here = document.getElementById('this-browser');
  if (here) { here.textContent = lacking.length ? '缺少：' + lacking.join('、') : '满足要求'; }
  if (here) { here.className = 'badge ' + (lacking.length ? 'bad' : 'ok'); }
  if (notice && lacking.length) {
    notice.hidden = false;
    document.getElementById('lacking-text').textContent = '本浏览器缺少：' + lacking.join('、') +
      '。扫码或离线核验不能使用，请换用“离线包”页所列的浏览器；联网时仍可输入二维码内容、车牌或证件号码核验。';
  }
})();
