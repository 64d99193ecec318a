/**
 * Checking SM2 signatures over SM3 with the default user id (GB/T 32918.2-2016, GB/T 32918.5-2017, GB/T 35276-2017).
 * There is no signing here: the page holds no key of a province.
 */

import { B, G, N, P, isOnCurve, sumHasX, tableOf } from "./curve.js";
import { VerifyError } from "./error.js";
import { concat, toHex, utf8 } from "./bytes.js";
import { sm3 } from "./sm3.js";

/** The user id that every party uses unless agreed otherwise (GB/T 35276-2017 §10). */
const DEFAULT_ID = utf8("1234567812345678");
const ID_PREFIX = concat(Uint8Array.of(0, 128), DEFAULT_ID);

/** @param {bigint} value @returns {Uint8Array} 32 bytes, big endian */
function bytesOf(value) {
  const text = value.toString(16).padStart(64, "0");
  return Uint8Array.from({ length: 32 }, (_, i) => parseInt(text.substr(2 * i, 2), 16));
}

/** @param {Uint8Array} bytes not empty @returns {bigint} */
function bigOf(bytes) {
  return BigInt(`0x${toHex(bytes)}`);
}

const CURVE_BYTES = concat(bytesOf(P - 3n), bytesOf(B), bytesOf(G[0]), bytesOf(G[1]));

/**
 * A public key that is surely on the curve.
 *
 * @typedef {object} PublicKey
 * @property {Uint8Array} bytes the 65 bytes `04 ‖ x ‖ y`
 * @property {string} keyId first 8 bytes of SM3 over them, 16 hexadecimal digits
 * @property {bigint[]} point
 * @property {Uint8Array} za digest of id, curve and key (GB/T 32918.2-2016 §5.5)
 * @property {bigint[][] | null} table multiples, once prepared
 */

/**
 * @param {Uint8Array} bytes `04 ‖ x ‖ y`
 * @returns {PublicKey}
 * @throws {VerifyError} `PublicKey` for another length or form, or a point off the curve
 */
export function readKey(bytes) {
  const fault = () => new VerifyError("PublicKey", "SM2 公钥有误：应为曲线上的点（04 开头共 65 字节）；请更新离线数据");
  if (bytes.length !== 65 || bytes[0] !== 4) throw fault();
  const own = Uint8Array.from(bytes);
  const point = [bigOf(own.subarray(1, 33)), bigOf(own.subarray(33))];
  if (!isOnCurve(point[0], point[1])) throw fault();
  const za = sm3(ID_PREFIX, CURVE_BYTES, own.subarray(1));
  return { bytes: own, keyId: toHex(sm3(own).subarray(0, 8)), point, za, table: null };
}

/**
 * Makes the table of a key, worth it for a key that checks more than a few codes.
 *
 * @param {PublicKey} key
 * @returns {PublicKey} the same key
 */
export function prepare(key) {
  if (key.table === null) key.table = tableOf(key.point);
  return key;
}

/**
 * @param {Uint8Array} signature raw `r ‖ s`
 * @returns {boolean} 64 bytes with r and s both within 1…n−1?
 */
export function isSignature(signature) {
  if (signature.length !== 64) return false;
  const [r, s] = [bigOf(signature.subarray(0, 32)), bigOf(signature.subarray(32))];
  return r > 0n && r < N && s > 0n && s < N;
}

/**
 * @param {PublicKey} key
 * @param {Uint8Array} message
 * @param {Uint8Array} signature raw `r ‖ s`, 64 bytes
 * @returns {boolean} does the signature hold? Never throws for wrong bytes.
 */
export function verify(key, message, signature) {
  return verifyDigest(key, sm3(key.za, message), signature);
}

/**
 * @param {PublicKey} key
 * @param {Uint8Array} digest `e = SM3(ZA ‖ M)`, 32 bytes
 * @param {Uint8Array} signature raw `r ‖ s`
 * @returns {boolean}
 */
export function verifyDigest(key, digest, signature) {
  if (!isSignature(signature)) return false;
  const [r, s] = [bigOf(signature.subarray(0, 32)), bigOf(signature.subarray(32))];
  const t = (r + s) % N;
  if (t === 0n) return false;
  // R = (e + x1) mod n = r  ⇔  x1 ≡ r − e (mod n)
  const x = (((r - bigOf(digest)) % N) + N) % N;
  return sumHasX(s, t, key.point, key.table, x);
}
