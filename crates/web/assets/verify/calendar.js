/**
 * Days and instants in Asia/Shanghai, which has been eight hours ahead of UTC all along. No clock is read here: every instant is a parameter.
 */

const SHANGHAI = 8 * 3600;

/** @param {number} unix Unix seconds @returns {string} `2026-11-22T11:05:00`; what no calendar holds counts as 1970 */
function local(unix) {
  const inside = Number.isFinite(unix) && unix > -62000000000 && unix < 253402207200;
  return new Date((Math.floor(inside ? unix : 0) + SHANGHAI) * 1000).toISOString().slice(0, 19);
}

/** @param {number} unix Unix seconds @returns {string} ISO day; ISO days compare as text */
export function dayOf(unix) {
  return local(unix).slice(0, 10);
}

/** @param {number} unix Unix seconds @returns {string} `2026-11-22 11:05:00` */
export function instantOf(unix) {
  return local(unix).replace("T", " ");
}

/** @param {number} unix Unix seconds @returns {string} RFC 3339 with +08:00 */
export function rfc3339(unix) {
  return `${local(unix)}+08:00`;
}

/** @param {string} iso a day @returns {number} Unix seconds at which it begins */
export function beginOf(iso) {
  return Date.parse(`${iso}T00:00:00Z`) / 1000 - SHANGHAI;
}

/** @param {unknown} text @returns {boolean} `YYYY-MM-DD`, a day that exists? */
export function isDay(text) {
  if (typeof text !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(ms) && new Date(ms).toISOString().slice(0, 10) === text;
}
