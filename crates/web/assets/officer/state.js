/**
 * How the offline pack stands: for the chip in the header and the pack page. Keeps the shell of the pages for opening without network.
 */

import { fact, marked } from "./keep.js";

/**
 * @returns {Promise<{pack: object|null, lost: boolean, stale: boolean, words: string}>} what is installed; `lost`: the browser has
 *   cleared it; `words`: its age for people
 */
export async function packState() {
  let pack = null;
  try {
    pack = (await fact("pack")) || null;
  } catch (error) {
    // A private window or a blocked database: as if there were none.
  }
  if (!pack) return { pack: null, lost: marked(), stale: false, words: "未安装" };
  const age = Date.now() / 1000 - pack.madeAt;
  return { pack, lost: false, stale: age > pack.maxAge, words: "第 " + pack.number + " 号，" + ageWords(age) };
}

/** @param {number} seconds @returns {string} */
export function ageWords(seconds) {
  if (seconds < 3600) return Math.max(1, Math.round(seconds / 60)) + " 分钟前";
  if (seconds < 48 * 3600) return Math.round(seconds / 3600) + " 小时前";
  return Math.round(seconds / 86400) + " 天前";
}

/** The chip in the header. */
export async function showChip() {
  const chip = document.getElementById("chip");
  const text = document.getElementById("chip-text");
  if (!chip) return;
  const state = await packState();
  chip.classList.remove("fresh", "old", "none");
  if (state.pack) {
    chip.classList.add(state.stale ? "old" : "fresh");
    text.textContent = "离线包 " + ageWords(Date.now() / 1000 - state.pack.madeAt) + (state.stale ? "，已过期" : "");
  } else {
    chip.classList.add("none");
    text.textContent = state.lost ? "离线包丢失" : "无离线包";
  }
}

/** Registers the service worker and has it keep what the pages are made of. Resolves when they can be opened without network. */
export async function keepShell() {
  if (!navigator.serviceWorker) return false;
  try {
    await navigator.serviceWorker.register("/officer/worker.js", { scope: "/officer" });
    const worker = (await navigator.serviceWorker.ready).active;
    const parts = document.querySelector("meta[name=parts]").content.split(" ");
    await new Promise((resolve, reject) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = (event) => (event.data === "kept" ? resolve() : reject(new Error(event.data)));
      worker.postMessage({ keep: parts }, [channel.port2]);
    });
    document.documentElement.dataset.offline = "ready";
    return true;
  } catch (error) {
    return false;
  }
}
