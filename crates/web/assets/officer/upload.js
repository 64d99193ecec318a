/**
 * Receipts that were made without network go to the node when it is there again.
 */

import { outcomes, putOutcomes, putReceipts, receipts } from "./keep.js";
import { isOwn } from "./outcome.js";

/** Receipts, or outcomes, of one upload at most. */
const MOST = 100;

let running = null;

/**
 * Uploads what waits; several calls at once are one.
 *
 * @returns {Promise<{sent: number, waiting: number}>} receipts and outcomes; waiting is -1 when that is not known
 */
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
    if (waiting.length === 0) break;
    const settled = await send(waiting.slice(0, MOST));
    if (settled === 0) return { sent, waiting: waiting.length };
    sent += settled;
  }
  // A stop is known to the node by its first receipt, so outcomes go after the receipts, in the order in which they were recorded.
  for (;;) {
    const waiting = (await outcomes()).filter((one) => !one.settled && isOwn(one));
    if (waiting.length === 0) return { sent, waiting: 0 };
    const settled = await sendOutcomes(waiting.slice(0, MOST));
    if (settled === 0) return { sent, waiting: waiting.length };
    sent += settled;
  }
}

function post(body) {
  return fetch("/officer/receipts", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Part": "1", "X-CSRF": document.querySelector("meta[name=csrf]").content },
    body: JSON.stringify(body),
  });
}

/** The same outcome again is answered as known, and changes nothing. */
async function sendOutcomes(batch) {
  const reply = await post({ receipts: [], outcomes: batch.map(({ stop, outcome, note, at }) => ({ stop, outcome, note, at })) });
  if (!reply.ok) return 0;
  const { outcomes: answers } = await reply.json();
  const done = batch.filter((one, i) => answers[i]);
  done.forEach((one, i) => {
    one.settled = answers[i].status;
    one.why = answers[i].why || "";
  });
  if (done.length) await putOutcomes(done);
  return done.length;
}

/** One batch; how many of it the node has now. The same receipt again is answered alike, so that a lost answer loses nothing. */
async function send(batch) {
  const reply = await post({ receipts: batch.map((one) => one.text) });
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
