/**
 * What the officer did at a stop: told to the node or, without network, kept on this device until the node has it.
 */

import { addOutcome } from "./keep.js";
import { element } from "./render.js";

const meta = (name) => (document.querySelector(`meta[name=${name}]`) || { content: "" }).content;

/** Characters of a note. */
const NOTE = 200;

/** The bar of a stop, as the node makes it, for answers that were given without it. @returns {HTMLElement} */
export function stopBar(id, count) {
  const field = (name, value) => {
    const made = element("input", "");
    Object.assign(made, { type: "hidden", name, value });
    return made;
  };
  // Nothing is chosen before the officer chooses.
  const none = element("option", "", "请选择结果");
  none.value = "";
  const choice = element("select", "", none, ...meta("outcomes").split(" ").map((word) => element("option", "", word)));
  Object.assign(choice, { name: "outcome", required: true, id: "outcome" });
  choice.setAttribute("aria-label", "处理结果");
  const note = element("input", "");
  Object.assign(note, { name: "note", maxLength: NOTE, placeholder: "说明（可不填）", id: "note" });
  note.setAttribute("aria-label", "说明");
  const form = element("form", "", field("stop", id), choice, note, element("button", "button small primary", "登记结果，结束检查"));
  form.method = "post";
  form.action = "/officer/outcome";
  const bar = element("section", "stop", element("p", "", element("b", "", "本次检查"), "　已核验 " + count + " 项"), form);
  bar.id = "stop-bar";
  bar.dataset.stop = id;
  bar.dataset.count = String(count);
  return bar;
}

/**
 * Keeps an outcome on this device; when this resolves it outlives the tab and the browser.
 *
 * @param {URLSearchParams} fields of the bar
 */
export function keepOutcome(fields) {
  return addOutcome({
    stop: fields.get("stop"), outcome: fields.get("outcome"), note: (fields.get("note") || "").trim().slice(0, NOTE),
    at: Math.floor(Date.now() / 1000), staffNo: meta("staff-no"), settled: "", why: "",
  });
}

/** Lets go what was found 无效: asked about once more. The twin of the node's question. */
const LETS_GO = "放行";

/** Stops of this page with a check that found 无效. */
const invalid = new Set();

/** Notes the verdicts that an answer shows. @param {HTMLElement} answer @param {string} stop */
export function noteVerdicts(answer, stop) {
  if (stop && answer.querySelector('.verdict[data-verdict="无效"]')) invalid.add(stop);
}

/** Must the officer be asked before this is recorded? @param {URLSearchParams} fields of the bar @returns {boolean} */
export function mustAsk(fields) {
  return fields.get("outcome") === LETS_GO && fields.get("sure") !== "yes" && invalid.has(fields.get("stop"));
}

/** The question; it goes away with either answer. @param {() => void} sure @returns {HTMLElement} */
export function question(sure) {
  const button = (className, text) => {
    const made = element("button", className, text);
    made.type = "button";
    return made;
  };
  const yes = button("button small danger", "仍然放行");
  const no = button("button small", "改选其他结果");
  const box = element("div", "notice bad ask-outcome", element("span", "mark bad", "✕"),
    element("span", "", "本次检查有“无效”的核验结论，处理结果还没有登记。确实要放行吗？", element("span", "actions", no, yes)));
  box.setAttribute("role", "alert");
  yes.addEventListener("click", () => { box.remove(); sure(); });
  no.addEventListener("click", () => {
    box.remove();
    const choice = document.querySelector("#stop-bar select");
    choice.value = "";
    choice.focus();
  });
  return box;
}

/** Is it for the officer whose page this is? The node takes an outcome from nobody else. */
export function isOwn(one) {
  return one.staffNo === meta("staff-no");
}
