/**
 * The shapes of the JSON that packs and trust data are written in. Unknown members are refused, so that an older page never overlooks
 * a restriction. With `ordered`, members must stand in the order of the format.
 */

const text = (value) => typeof value === "string";
const flag = (value) => typeof value === "boolean";
const whole = (most) => (value) => Number.isSafeInteger(value) && value >= 0 && value <= most;
const list = (of, most = Infinity) => (value, ordered) =>
  Array.isArray(value) && value.length <= most && value.every((one) => of(one, ordered));
const orNull = (of) => (value, ordered) => value === null || of(value, ordered);

/** @param {object} members checks by name, in order @param {string[]} [optional] names that may be left out */
const object = (members, optional = []) => (value, ordered) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const names = Object.keys(members);
  const found = Object.keys(value);
  const has = (name) => Object.prototype.hasOwnProperty.call(value, name);
  if (!found.every((name) => names.includes(name))) return false;
  if (!names.every((name) => has(name) || optional.includes(name))) return false;
  const inOrder = names.filter(has).every((name, place) => found[place] === name);
  return (inOrder || !ordered) && found.every((name) => members[name](value[name], ordered));
};

const U32 = whole(0xffffffff);
const hex64 = (value) => text(value) && /^[0-9a-f]{64}$/.test(value);
const scope = object(
  { issuers: list(text), areas: list(text), kinds: list(text), valid_from: text, valid_to: text },
  ["valid_to"],
);

/** Trust data (`docs/trust-format.md`). */
export const isTrustData = object({
  version: whole(Number.MAX_SAFE_INTEGER),
  issued_at: text,
  roots: list(text),
  intermediates: list(text),
  makers: list(text),
  code_keys: list(object({ certificate: text, scope })),
  nodes: list(object({ certificate: text, areas: list(text) })),
  crls: list(text),
  signers: list(object({ certificate: text, seals: list(text), scope })),
});

/** The head of a pack (`docs/pack-format.md`). */
export const isHead = object({
  province: (value) => text(value) && /^[0-9]{2}$/.test(value),
  name: text,
  number: U32,
  made_at: whole(0xffffffffff),
  max_age: U32,
  count: whole(50000000),
  digest: hex64,
  base: orNull(object({ number: U32, digest: hex64 })),
  signer: text,
  states: list(
    object({ code: whole(0xffff), base: text, holds: list(object({ name: text, forbids: flag })), lost: flag }),
    255,
  ),
  usual: whole(255),
  trust: orNull(isTrustData),
  kinds: orNull(list(object({ code: text, slug: text, name: text }))),
  overrides: orNull(
    list(
      object({
        notice: text,
        kinds: list(text),
        areas: list(text),
        ended_from: text,
        ended_to: text,
        extended_to: text,
        effective_from: text,
        effective_to: orNull(text),
      }),
    ),
  ),
});
