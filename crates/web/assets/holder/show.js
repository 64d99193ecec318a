/**
 * 亮证: a code every half minute. Codes of the next 24 hours are kept on the phone, so that it goes on without network; after
 * them the printed code is shown, and the page says so.
 */

import { presentCode } from "../verify/code.js";
import { drawQr } from "../qr-draw.js";
import { forgetSlots, keepSlots, keptSlots } from "./slots.js";

const box = document.getElementById("show");
const canvas = document.getElementById("code");
const ring = document.getElementById("ring");
const left = document.getElementById("left");
const offline = document.getElementById("offline");
const offlineText = document.getElementById("offline-text");
const id = box.dataset.id;

/** When new codes are asked for: when this many seconds of the kept ones are left. */
const REFRESH = 20 * 3600;
/** Seconds between two tries without network. */
const AGAIN = 30;

let kept = keptSlots(id);
let shown = null;
let online = true;
let askedAt = 0;

function say(text) {
  offline.hidden = text === "";
  offlineText.textContent = text;
}

function show(text) {
  if (text === shown) return;
  shown = text;
  drawQr(canvas, text, canvas.clientWidth || 260);
  canvas.dataset.text = text;
}

/** One tick: the code of now, the ring, what is to be said. */
function tick() {
  const now = Date.now() / 1000;
  const current = kept && presentCode(kept.slots, now);
  ring.parentNode.classList.toggle("long", !current);
  if (current) {
    show(current.text);
    const share = Math.max(0, Math.min(1, current.left / kept.slots.step));
    ring.style.strokeDashoffset = String(100 - share * 100);
    left.textContent = Math.ceil(current.left) + " 秒后更新";
    say(online ? "" : "没有网络，正在使用预先签发的亮证码，" + hoursLeft(now) + "内可用。");
  } else if (kept && kept.printed) {
    show(kept.printed);
    ring.style.strokeDashoffset = "0";
    left.textContent = "打印件二维码";
    say("预先签发的亮证码已用完，现在显示的是打印件二维码，对方会看到“打印件”。联网后自动恢复。");
  } else if (kept) {
    left.textContent = "";
    say("预先签发的亮证码已用完，请联网后重新打开本页。");
  }
  const remaining = current ? endOf(kept.slots) - now : 0;
  if (remaining < REFRESH && now - askedAt > AGAIN) ask(now);
}

const endOf = (slots) => Date.UTC(2000, 0, 1) / 1000 + slots.firstSlot + (slots.signatures.length / 64) * slots.step;

function hoursLeft(now) {
  const seconds = endOf(kept.slots) - now;
  return seconds > 3600 ? Math.floor(seconds / 3600) + " 小时" : Math.max(1, Math.floor(seconds / 60)) + " 分钟";
}

async function ask(now) {
  askedAt = now;
  try {
    const answer = await fetch("/holder/show/" + id + "/codes", { headers: { "X-Part": "1" }, cache: "no-store" });
    if (answer.status === 401 || answer.status === 403) {
      say("登录已结束，请重新登录。");
      return;
    }
    if (answer.status === 409) {
      // Not to be shown any more: kept codes would only deceive.
      forgetSlots(id);
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    kept = keepSlots(id, await answer.json());
    online = true;
    document.getElementById("status").textContent = kept.status;
  } catch (error) {
    online = false;
  }
}

async function start() {
  await ask(Date.now() / 1000);
  tick();
  setInterval(tick, 500);
  if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
  if (navigator.serviceWorker) {
    try {
      await navigator.serviceWorker.register("/holder/worker.js", { scope: "/holder" });
      const worker = await navigator.serviceWorker.ready;
      const own = performance.getEntriesByType("resource").map((entry) => new URL(entry.name))
        .filter((url) => url.origin === location.origin && url.pathname.startsWith("/assets/"))
        .map((url) => url.pathname);
      worker.active.postMessage({ keep: [location.pathname, "/holder/certificate/" + id + "/face/0", ...own] });
      document.documentElement.dataset.offline = "ready";
    } catch (error) {
      // Private windows have no service worker; the page works with network only.
    }
  }
}

addEventListener("online", () => { askedAt = 0; });
start();
