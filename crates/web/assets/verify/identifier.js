/**
 * 证照标识 (GB/T 36904-2018) and the numbers inside it: 统一社会信用代码 (GB 32100-2015), type code and serial.
 * The same rules as the crate `codes`.
 */

/** What every certificate identifier begins with. */
export const ROOT = "1.2.156.3005.2";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** The 31 characters of GB 32100, in the order of their values. */
const USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/**
 * ISO 7064 MOD 37,36 (GB/T 17710).
 *
 * @param {string} text characters of `0-9A-Z`
 * @returns {string} the check character
 */
export function checkCharacter(text) {
  let p = 36;
  for (const ch of text) {
    p = (p + DIGITS.indexOf(ch)) % 36 || 36;
    p = (p * 2) % 37;
  }
  return DIGITS[(37 - p) % 36];
}

/**
 * @param {string} text
 * @returns {boolean} 18 characters of the alphabet, digits as area, and the check character (weights 3^(i−1) mod 31) holds?
 */
export function isUscc(text) {
  if (!/^[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}$/.test(text)) return false;
  let [weight, sum] = [1, 0];
  for (const ch of text.slice(0, 17)) {
    sum += USCC_ALPHABET.indexOf(ch) * weight;
    weight = (weight * 3) % 31;
  }
  return USCC_ALPHABET[(31 - (sum % 31)) % 31] === text[17];
}

/** @param {string} text @returns {boolean} the USCC of who defined the kind, and three digits? */
export function isTypeCode(text) {
  return /^[0-9A-Z]{18}[0-9]{3}$/.test(text) && isUscc(text.slice(0, 18));
}

/** @param {string} text @returns {boolean} 1 to 32 characters of `0-9A-Z`? */
export function isSerial(text) {
  return /^[0-9A-Z]{1,32}$/.test(text);
}

/**
 * The parts of an identifier, checked.
 *
 * @typedef {object} Identifier
 * @property {string} text the full dotted form
 * @property {string} typeCode 21 characters
 * @property {string} issuer USCC of the issuing authority
 * @property {string} serial
 * @property {number} version 1 to 999
 */

/**
 * Makes an identifier with its check character.
 *
 * @param {string} typeCode
 * @param {string} issuer
 * @param {string} serial
 * @param {number} version
 * @returns {Identifier | null} `null` where a part breaks a rule
 */
export function makeIdentifier(typeCode, issuer, serial, version) {
  const right = isTypeCode(typeCode) && isUscc(issuer) && isSerial(serial);
  if (!right || !Number.isInteger(version) || version < 1 || version > 999) return null;
  const three = String(version).padStart(3, "0");
  const check = checkCharacter(typeCode + issuer + serial + three);
  const text = [ROOT, typeCode, issuer, serial, three, check].join(".");
  return { text, typeCode, issuer, serial, version };
}

/**
 * Reads a full dotted identifier, such as one that was typed.
 *
 * @param {string} text
 * @returns {Identifier | null} `null` where any part or the check character is wrong
 */
export function parseIdentifier(text) {
  if (!text.startsWith(`${ROOT}.`)) return null;
  const parts = text.slice(ROOT.length + 1).split(".");
  if (parts.length !== 5 || !/^[0-9]{3}$/.test(parts[3])) return null;
  const identifier = makeIdentifier(parts[0], parts[1], parts[2], Number(parts[3]));
  return identifier && identifier.text === text ? identifier : null;
}

/**
 * What is wrong with a text that {@link parseIdentifier} refuses.
 *
 * @param {string} text
 * @returns {string} Chinese
 */
export function identifierFault(text) {
  if (!text.startsWith(`${ROOT}.`)) return `证照标识的结构不正确：应以“${ROOT}.”开头，请核对原件`;
  const parts = text.slice(ROOT.length + 1).split(".");
  if (parts.length !== 5) return `证照标识的结构不正确：根标识之后应有以点号分隔的5段，实有${parts.length}段，请核对原件`;
  const [typeCode, issuer, serial, version, check] = parts;
  if (!isTypeCode(typeCode)) return "证照类型代码不正确（21位，含校验码），请核对原件";
  if (!isUscc(issuer)) return "统一社会信用代码不正确（18位，含校验码），请核对原件";
  if (!isSerial(serial)) return "证照标识流水号应为1至32位数字或大写字母，请核对原件";
  const identifier = /^[0-9]{3}$/.test(version) ? makeIdentifier(typeCode, issuer, serial, Number(version)) : null;
  if (identifier === null) return "证照标识的版本号应为001至999，请核对原件";
  return `证照标识第${text.length}位校验码应为“${identifier.text.slice(-1)}”，实为“${check}”，请核对原件`;
}
