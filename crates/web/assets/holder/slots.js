/**
 * The codes that a phone keeps for 24 hours, in localStorage: one entry a certificate.
 */

const KEY = "luzheng-slots-";

/** @param {string} base64 @returns {Uint8Array} */
function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** What the server gave, as the code library wants it. */
function read(given) {
  const { prefix, first_slot: firstSlot, step, life, signatures } = given.slots;
  return {
    slots: { prefix: bytesOf(prefix), firstSlot, step, life, signatures: bytesOf(signatures) },
    printed: given.printed ? given.printed.code : null,
    status: given.status,
  };
}

/** @param {string} id row key of the certificate @returns {object|null} */
export function keptSlots(id) {
  try {
    const text = localStorage.getItem(KEY + id);
    return text ? read(JSON.parse(text)) : null;
  } catch (error) {
    return null;
  }
}

/** Keeps what the server gave, and gives it back as it is used. */
export function keepSlots(id, given) {
  const { slots, printed, status } = given;
  try {
    localStorage.setItem(KEY + id, JSON.stringify({ slots, printed, status }));
  } catch (error) {
    // Full or forbidden: the codes live as long as the page does.
  }
  return read(given);
}

/** @param {string} id */
export function forgetSlots(id) {
  try {
    localStorage.removeItem(KEY + id);
  } catch (error) {
    // Nothing was kept then.
  }
}
