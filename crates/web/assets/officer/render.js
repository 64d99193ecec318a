/**
 * An offline answer as the same panel that the node makes.
 */

import { drawQr } from "../qr-draw.js";

const TONES = { "有效": ["valid", "✓"], "有效（有提示）": ["hint", "✓"], "无效": ["invalid", "✕"], "无法判定": ["undecided", "?"] };
const SIGNS = { note: "i", hint: "!", undecided: "?", invalid: "✕" };
const ORDER = ["invalid", "undecided", "hint", "note"];

/** What to look for on a certificate of each kind. */
function wanted(identifier) {
  const meta = document.querySelector("meta[name=entitles]");
  const type = (identifier || "").split(".")[5];
  return (meta && type && JSON.parse(meta.content)[type]) || [];
}

/** An element with a class, texts and elements in it. */
export function element(name, className, ...inside) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...inside);
  return made;
}

/** Reasons as a list, the heaviest first. @param {{code: string, text: string, weight: string}[]} reasons */
export function reasonList(reasons) {
  const list = element("ul", "reasons");
  const sorted = reasons.slice().sort((a, b) => ORDER.indexOf(a.weight) - ORDER.indexOf(b.weight));
  for (const reason of sorted) {
    list.append(element("li", reason.weight, element("span", "mark " + reason.weight, SIGNS[reason.weight] || "i"),
      element("span", "", reason.text, element("i", "rc", reason.code))));
  }
  return list;
}

/**
 * @param {{verdict: string, reasons: {code: string, text: string, weight: string}[], identifier?: string, kind_name?: string,
 *   status?: string, valid_from?: string, valid_to?: string, source: string, known_at: string}} answer of the verdict function
 * @param {string|null} receipt text of the receipt
 * @returns {HTMLElement}
 */
export function panel(answer, receipt) {
  const [tone, sign] = TONES[answer.verdict] || TONES["无法判定"];
  const word = element("p", "verdict-word", answer.verdict);
  if (answer.kind_name) word.append(element("i", "verdict-line", answer.kind_name));
  const head = element("header", "verdict-head", element("span", "verdict-sign", sign), word);
  const reasons = reasonList(answer.reasons);
  const facts = element("dl", "facts tight");
  const fact = (name, value) => {
    if (value) facts.append(element("div", "", element("dt", "", name), element("dd", "", value)));
  };
  fact("状态", answer.status);
  fact("有效期", answer.valid_to ? (answer.valid_from || "") + " 至 " + answer.valid_to : "");
  fact("证照标识", answer.identifier);
  const known = answer.known_at ? answer.known_at.replace("T", " ").replace("+08:00", "") : "";
  // Neither code nor pack carries what stands on the face.
  const names = answer.verdict === "无效" ? [] : wanted(answer.identifier);
  const allows = names.length
    ? [element("section", "allows", element("h3", "sub", "准许"), element("p", "hint", "离线包不含照面内容，请在证件上查看：" + names.join("、") + "。"))]
    : [];
  const body = element("div", "verdict-body", reasons, ...allows, facts,
    element("p", "age", "依据：" + answer.source + (known ? "，" + known : "") + "。离线核验没有照片，请查验证件并比对本人。"));
  body.insertBefore(receipt ? receiptBox(receipt) : element("p", "hint", "本机没有登记，未留回执；请联网更新离线包。"), body.lastChild);
  const made = element("article", "verdict " + tone, head, body);
  made.dataset.verdict = answer.verdict;
  made.dataset.offline = "yes";
  return made;
}

/** The receipt, to be shown as a QR. */
function receiptBox(text) {
  const canvas = element("canvas", "");
  const close = element("button", "button", "关闭");
  close.type = "button";
  close.dataset.close = "";
  const box = element("details", "dialog receipt", element("summary", "button small", "出示核验回执"),
    element("div", "dialog-box receipt-box", element("h2", "", "核验回执"), element("div", "receipt-code", canvas),
      element("p", "hint", "离线回执由本机签名，联网后自动上传、由节点副署。"), element("p", "code receipt-text", text),
      element("p", "actions", close)));
  box.addEventListener("toggle", () => { if (box.open) drawQr(canvas, text, 280); });
  return box;
}
