/**
 * Receipts that were made without network go to the node when it is there again.
 */

import { putReceipts, receipts } from "./keep.js";

/** Receipts of one upload at most. */
const MOST = 100;

let running = null;

/** Uploads what waits; several calls at once are one. @returns {Promise<{sent: number, waiting: number}>} */
export function uploadWaiting() {
  if (!running) {
    running = upload().then((done) => {
      running = null;
      return done;
    }, (error) => {
      running = null;
      throw error;
    });
  }
  return running.catch(() => ({ sent: 0, waiting: -1 }));
}

async function upload() {
  let sent = 0;
  for (;;) {
    const waiting = (await receipts()).filter((one) => !one.settled);
    if (waiting.length === 0) return { sent, waiting: 0 };
    const batch = waiting.slice(0, MOST);
    const settled = await send(batch);
    if (settled === 0) return { sent, waiting: waiting.length };
    sent += settled;
  }
}

/** One batch; how many of it the node has now. The same receipt again is answered alike, so that a lost answer loses nothing. */
async function send(batch) {
  const reply = await fetch("/officer/receipts", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Part": "1", "X-CSRF": document.querySelector("meta[name=csrf]").content },
    body: JSON.stringify({ receipts: batch.map((one) => one.text) }),
  });
  if (!reply.ok) return 0;
  const { answers } = await reply.json();
  const done = [];
  batch.forEach((one, i) => {
    const answer = answers[i];
    if (!answer) return;
    // A refused one stays on the device with the reason, and is not sent again and again.
    one.settled = answer.status;
    one.why = answer.why || "";
    if (answer.text) one.text = answer.text;
    done.push(one);
  });
  if (done.length) await putReceipts(done);
  return done.length;
}
