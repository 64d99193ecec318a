/**
 * An offline answer as the same panel that the node makes.
 */

const TONES = { "有效": ["valid", "✓"], "有效（有提示）": ["hint", "✓"], "无效": ["invalid", "✕"], "无法判定": ["undecided", "?"] };
const SIGNS = { note: "i", hint: "!", undecided: "?", invalid: "✕" };
const ORDER = ["invalid", "undecided", "hint", "note"];

/** An element with a class, texts and elements in it. */
export function element(name, className, ...inside) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...inside);
  return made;
}

/**
 * @param {{verdict: string, reasons: {code: string, text: string, weight: string}[], identifier?: string, kindName?: string,
 *   status?: string, validFrom?: string, validTo?: string, source: string, knownAt: string}} answer
 * @returns {HTMLElement}
 */
export function panel(answer) {
  const [tone, sign] = TONES[answer.verdict] || TONES["无法判定"];
  const word = element("p", "verdict-word", answer.verdict);
  if (answer.kindName) word.append(element("i", "verdict-line", answer.kindName));
  const head = element("header", "verdict-head", element("span", "verdict-sign", sign), word);
  const reasons = element("ul", "reasons");
  const sorted = answer.reasons.slice().sort((a, b) => ORDER.indexOf(a.weight) - ORDER.indexOf(b.weight));
  for (const reason of sorted) {
    reasons.append(element("li", reason.weight, element("span", "mark " + reason.weight, SIGNS[reason.weight] || "i"),
      element("span", "", reason.text, element("i", "rc", reason.code))));
  }
  const facts = element("dl", "facts tight");
  const fact = (name, value) => {
    if (value) facts.append(element("div", "", element("dt", "", name), element("dd", "", value)));
  };
  fact("状态", answer.status);
  fact("有效期", answer.validTo ? (answer.validFrom || "") + " 至 " + answer.validTo : "");
  fact("证照标识", answer.identifier);
  const known = answer.knownAt ? answer.knownAt.replace("T", " ").replace("+08:00", "") : "";
  const body = element("div", "verdict-body", reasons, facts,
    element("p", "age", "依据：" + answer.source + (known ? "，" + known : "") + "。离线核验没有照片，请查验证件并比对本人。"));
  const made = element("article", "verdict " + tone, head, body);
  made.dataset.verdict = answer.verdict;
  made.dataset.offline = "yes";
  return made;
}
