/**
 * Trust data (`docs/trust-format.md`), parsed and with every chain and list checked once.
 */

import { equal, fromBase64 } from "./bytes.js";
import { VerifyError } from "./error.js";
import { isTrustData } from "./shape.js";
import { KeyUsage, isCrlOf, readCertificate, readCrl, verifyChain } from "./x509.js";

/**
 * A code key that is ready to check many codes.
 *
 * @typedef {object} CodeKey
 * @property {import("./x509.js").Certificate} certificate
 * @property {object} scope what it may sign for: issuers, areas, kinds, valid_from, valid_to
 * @property {string | null} fault why its chain does not hold
 */

/**
 * @typedef {object} Trust
 * @property {{roots: import("./x509.js").Certificate[], intermediates: import("./x509.js").Certificate[]}} chains
 * @property {CodeKey[]} keys
 * @property {{certificate: import("./x509.js").Certificate, areas: string[]}[]} nodes
 * @property {import("./x509.js").Crl[]} crls
 * @property {string} issuedAt RFC 3339
 */

/** @param {string} what @param {() => any} read */
function entry(what, read) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    throw new VerifyError("Trust", `信任清单中的${what}不可用：${error.message}；请更新信任清单`, what);
  }
}

/** @param {string} text Base64 @param {string} what @returns {import("./x509.js").Certificate} */
export function certificateOf(text, what) {
  return entry(what, () => readCertificate(fromBase64(text)));
}

/** The lists whose signature by one of the chain's certificates holds; one that nobody signed is left out. */
function listsOf(data, chains) {
  const issuers = chains.roots.concat(chains.intermediates);
  const lists = data.crls.map((text) => entry("撤销列表", () => readCrl(fromBase64(text))));
  return lists.filter((crl) => issuers.some((issuer) => isCrlOf(crl, issuer)));
}

/** @returns {CodeKey} */
function codeKeyOf({ certificate: text, scope }, chains) {
  const certificate = certificateOf(text, "赋码密钥");
  let fault = null;
  try {
    // The chain is the same at every time; days of validity are judged apart, code by code.
    verifyChain(certificate, chains, certificate.notBefore, KeyUsage.DIGITAL_SIGNATURE);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    fault = error.message;
  }
  return { certificate, scope, fault };
}

/**
 * @param {object} data trust data as JSON
 * @returns {Trust}
 * @throws {VerifyError} `Trust`: the first entry that does not parse. A chain that does not hold makes its key refuse, not all.
 */
export function openTrust(data) {
  if (!isTrustData(data, false)) throw new VerifyError("Trust", "信任清单的写法不合规；请更新信任清单");
  const all = (list, what) => list.map((text) => certificateOf(text, what));
  const chains = { roots: all(data.roots, "根证书"), intermediates: all(data.intermediates, "中间证书") };
  return {
    chains,
    keys: data.code_keys.map((one) => codeKeyOf(one, chains)),
    nodes: data.nodes.map((one) => ({ certificate: certificateOf(one.certificate, "节点证书"), areas: one.areas })),
    crls: listsOf(data, chains),
    issuedAt: data.issued_at,
  };
}

/**
 * The code keys and revocation lists that a pack brings, under the roots of the reader's own trust data.
 *
 * @param {Trust} trust
 * @param {object} data trust data of the pack
 * @returns {{keys: CodeKey[], crls: import("./x509.js").Crl[]}}
 */
export function trustOfPack(trust, data) {
  return { keys: data.code_keys.map((one) => codeKeyOf(one, trust.chains)), crls: listsOf(data, trust.chains) };
}

/** Does whoever else holds the key write any time that he likes (key or CA compromised)? */
export function isLeaked({ reason }) {
  return reason === 1 || reason === 2;
}

/**
 * The entries of revocation lists that name a certificate.
 *
 * @param {import("./x509.js").Crl[]} crls
 * @param {import("./x509.js").Certificate} leaf
 * @returns {{at: number, reason: number}[]}
 */
export function revocationsOf(crls, leaf) {
  return crls
    .filter((crl) => crl.issuer.id === leaf.issuer.id)
    .map((crl) => crl.entries.get(leaf.serial))
    .filter((found) => found !== undefined);
}

/**
 * May this certificate sign packs of a province?
 *
 * @param {Trust} trust the reader's own
 * @param {import("./x509.js").Certificate} signer
 * @param {string} province first two digits of its area codes
 * @param {number} at Unix seconds
 * @throws {VerifyError} `Signer`
 */
export function checkNode(trust, signer, province, at) {
  const fault = (text) => new VerifyError("Signer", `离线数据包的签发者不可信：${text}；请向本省管理机构索取`);
  const name = signer.subject.short;
  const entitled = (areas) => areas.some((area) => area === "*" || (area !== "" && province.startsWith(area)));
  if (!trust.nodes.some((node) => equal(node.certificate.der, signer.der) && entitled(node.areas))) {
    throw fault(`“${name}”不是信任清单所载、可为“${province}”签发离线包的节点`);
  }
  try {
    verifyChain(signer, trust.chains, at, KeyUsage.DIGITAL_SIGNATURE);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    throw fault(error.message);
  }
  if (revocationsOf(trust.crls, signer).some((found) => isLeaked(found) || found.at <= at)) {
    throw fault(`“${name}”的证书已被撤销`);
  }
}
