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
  const choice = element("select", "", ...meta("outcomes").split(" ").map((word) => element("option", "", word)));
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

/** Is it for the officer whose page this is? The node takes an outcome from nobody else. */
export function isOwn(one) {
  return one.staffNo === meta("staff-no");
}
