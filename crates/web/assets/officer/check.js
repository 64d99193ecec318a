/**
 * The officer's page: camera, forms, and the answer from the register or, with the network cut, from the offline pack.
 */

import { Camera } from "./camera.js";
import { checkOffline, knowledge } from "./offline.js";
import { keepOutcome, mustAsk, noteVerdicts, question, stopBar } from "./outcome.js";
import { receiptPanel } from "./receipt-panel.js";
import { element, panel } from "./render.js";
import { keepShell, packState, showChip } from "./state.js";
import { PREFIX as RECEIPT } from "../verify/receipt.js";
import { readPicture } from "./picture.js";
import { uploadWaiting } from "./upload.js";

const answer = document.getElementById("answer");
const main = document.getElementById("main");
const camera = document.getElementById("camera");
const token = () => document.querySelector("meta[name=csrf]").content;

/** A network that hangs is no network: after so many milliseconds the pack answers. */
const PATIENCE = 4000;

/** Times of the last check, for the figures (performance.now()). */
export const times = { decoded: 0, shown: 0 };

// -- forms ---------------------------------------------------------------------------------------------------------------------------------

document.querySelectorAll("[data-way]").forEach((tab) => {
  tab.addEventListener("click", (event) => {
    event.preventDefault();
    choose(tab.dataset.way);
  });
});

function choose(way) {
  document.querySelectorAll("[data-way]").forEach((tab) => {
    if (tab.dataset.way === way) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  });
  document.querySelectorAll("[data-form]").forEach((form) => { form.hidden = form.dataset.form !== way; });
  const first = document.querySelector(`[data-form=${way}] input:not([type=hidden]), [data-form=${way}] textarea`);
  if (first && way !== "file") first.focus();
}

document.querySelectorAll("form.ask").forEach((form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.dataset.form !== "file") check(new URLSearchParams(new FormData(form)));
  });
});

document.getElementById("file").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  if (!file) return;
  waiting("正在读取文件……");
  if (/\.ofd$/i.test(file.name)) {
    const fields = new URLSearchParams(new FormData(document.querySelector("form[data-form=code]")));
    const stop = new URLSearchParams({ stop: fields.get("stop"), count: fields.get("count"), place: fields.get("place") });
    await online("/officer/check/file?" + stop, await file.arrayBuffer(), "application/octet-stream", () => {
      say("没有网络时不能核验 OFD 文件，请改扫照面上的二维码。");
    });
  } else {
    const text = await readPicture(file);
    if (text === null) say("图片里没有找到二维码。请拍得更近、更清楚一些，或直接扫码。");
    else checkText(text);
  }
  event.target.value = "";
});

// -- camera --------------------------------------------------------------------------------------------------------------------------------

const eye = new Camera(document.getElementById("video"), document.getElementById("camera-hint"));

document.getElementById("scan").addEventListener("click", async () => {
  camera.hidden = false;
  try {
    const text = await eye.scan();
    camera.hidden = true;
    if (text !== null) checkText(text);
  } catch (error) {
    camera.hidden = true;
    say(cameraTrouble(error));
  }
});
document.getElementById("camera-close").addEventListener("click", () => {
  eye.close();
  camera.hidden = true;
});

function cameraTrouble(error) {
  if (error.name === "NotAllowedError") return "没有摄像头权限。请在浏览器设置里允许本网站使用摄像头，或改用图片、手工输入。";
  if (error.name === "NotFoundError") return "没有找到摄像头。请改用图片或手工输入。";
  return "摄像头不能使用（" + error.name + "）。请关闭其他占用摄像头的程序，或改用图片、手工输入。";
}

// -- checking ------------------------------------------------------------------------------------------------------------------------------

/** Checks a scanned or decoded text. */
export function checkText(text) {
  times.decoded = performance.now();
  const fields = new URLSearchParams(new FormData(document.querySelector("form[data-form=code]")));
  fields.set("text", text);
  return check(fields);
}

/** Further checks belong to this stop. */
function setStop(id, count) {
  document.querySelectorAll("form.ask [name=stop]").forEach((field) => { field.value = id; });
  document.querySelectorAll("form.ask [name=count]").forEach((field) => { field.value = count; });
}

// Whose certificate it is: one choice for all forms.
document.querySelectorAll("form.ask [name=place]").forEach((one) => {
  one.addEventListener("change", () => {
    document.querySelectorAll(`form.ask [name=place][value="${one.value}"]`).forEach((same) => { same.checked = true; });
  });
});

async function check(fields) {
  if (fields.get("by") === "code" && fields.get("text").trim().startsWith(RECEIPT)) {
    await showReceipt(fields.get("text"));
    return;
  }
  times.decoded = times.decoded || performance.now();
  waiting("正在核验……");
  fields.set("csrf", token());
  await online("/officer/check", fields, undefined, () => offline(fields));
  times.decoded = 0;
}

/** A receipt is no certificate: it is checked here, and belongs to no stop. */
async function showReceipt(text) {
  const made = await receiptPanel(text, Date.now() / 1000);
  if (!made) {
    say("这是核验回执。本机没有信任数据，不能核对；请联网，或先安装离线包。");
    return;
  }
  answer.textContent = "";
  answer.append(made);
  shown();
  times.decoded = 0;
}

/** Asks the node; without an answer from it, `otherwise`. */
async function online(path, body, type, otherwise) {
  const headers = { "X-Part": "1", "X-CSRF": token() };
  if (type) headers["Content-Type"] = type;
  const reply = await patient(path, { method: "POST", body, headers });
  if (!reply || reply.status === 502 || reply.status === 503 || reply.status === 504) return otherwise();
  if (reply.status === 401) {
    say("登录已结束。没有网络时仍可用离线包核验；联网后请重新登录。");
    const again = element("a", "button small", "重新登录");
    again.href = "/sign-in?next=/officer";
    answer.append(element("p", "actions", again));
    return undefined;
  }
  if (!reply.ok) {
    const problem = await reply.json().catch(() => ({}));
    say((problem.detail || "核验没有完成") + "。" + (problem.fix || ""));
    return undefined;
  }
  cut("");
  show(await reply.text());
  return undefined;
}

async function offline(fields) {
  const state = await packState();
  const judged = state.pack ? await checkOffline(fields, Date.now() / 1000).catch(() => null) : null;
  if (!judged) {
    cut(state.lost ? "没有网络，离线包又被浏览器清除了，不能核验。" : "没有网络，本机也没有可用的离线包，不能核验。");
    say("请查验证件原件；到有网络的地方安装离线包后即可离线核验。");
    return;
  }
  cut("没有网络，以下结论依据离线包（" + state.words + "）。");
  answer.textContent = "";
  answer.append(panel(judged.answer, judged.receipt));
  // Without a receipt the node would not know the stop.
  if (judged.receipt) answer.append(stopBar(judged.stop, judged.count));
  setStop(judged.stop, judged.count);
  noteVerdicts(answer, judged.stop);
  shown();
}

// -- outcome -------------------------------------------------------------------------------------------------------------------------------

answer.addEventListener("submit", (event) => {
  // The same plate in the colour in which it stands.
  if (event.target.matches("form.again")) {
    event.preventDefault();
    check(new URLSearchParams(new FormData(event.target)));
    return;
  }
  if (!event.target.closest("#stop-bar")) return;
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  conclude(new URLSearchParams(new FormData(event.target))).then(() => { button.disabled = false; });
});

/** Tells the node what was done; without an answer from it the outcome is kept here, and goes up later. */
async function conclude(fields) {
  const ask = () => above(question(() => {
    fields.set("sure", "yes");
    conclude(fields);
  }));
  if (mustAsk(fields)) {
    ask();
    return;
  }
  fields.set("csrf", token());
  let reply = null;
  if (!document.querySelector(".verdict[data-offline]")) reply = await patient("/officer/outcome", { method: "POST", body: fields, headers: { "X-Part": "1", "X-CSRF": token() } });
  if (reply && reply.ok) {
    location.assign("/officer?done=outcome");
    return;
  }
  if (reply && reply.status < 500 && reply.status !== 401) {
    const problem = await reply.json().catch(() => ({}));
    // The node knows of checks that this page no longer shows.
    if (problem.code === "OUTCOME_ASK") {
      ask();
      return;
    }
    note((problem.detail || "处理结果没有登记") + "。" + (problem.fix || ""));
    return;
  }
  try {
    await keepOutcome(fields);
  } catch (error) {
    note("处理结果没有记下：本机不能保存（" + error.name + "）。请另行记录，联网后在核验记录中登记。");
    return;
  }
  setStop("", "0");
  say("处理结果“" + fields.get("outcome") + "”已记在本机，联网后自动上传。可以开始下一次检查。");
  document.documentElement.dataset.kept = fields.get("stop");
  uploadWaiting();
}

/** A notice in the bar; what was entered stays. */
function note(text) {
  above(element("div", "notice ask", element("span", "mark ask", "!"), element("span", "", text)));
}

/** Something at the top of the bar, which covers what is behind it; in place of what stood there. */
function above(box) {
  const old = document.getElementById("bar-note");
  if (old) old.remove();
  box.id = "bar-note";
  document.getElementById("stop-bar").prepend(box);
}

/** A request that waits no longer than an officer does; null without an answer. */
async function patient(path, request) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), PATIENCE);
  try {
    return await fetch(path, Object.assign({ signal: control.signal }, request));
  } catch (error) {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function show(html) {
  // Our own node's page, escaped there; scripts in it would not run, and the policy forbids them.
  answer.innerHTML = html;
  answer.querySelectorAll("img.photo").forEach((image) => {
    image.addEventListener("error", () => {
      const none = document.createElement("span");
      none.className = "no-photo";
      none.textContent = "照面无照片，请核对证件";
      image.replaceWith(none);
    });
  });
  const bar = answer.querySelector("#stop-bar");
  if (bar) {
    setStop(bar.dataset.stop, bar.dataset.count);
    noteVerdicts(answer, bar.dataset.stop);
  }
  shown();
}

function shown() {
  main.classList.add("answered");
  times.shown = performance.now();
  answer.dataset.millis = String(Math.round(times.shown - times.decoded));
  answer.dataset.count = String(Number(answer.dataset.count || 0) + 1);
  if (answer.getBoundingClientRect().top < 0) window.scrollTo(0, 0);
}

function waiting(text) {
  answer.innerHTML = "";
  const box = document.createElement("p");
  box.className = "card waiting";
  box.textContent = text;
  answer.append(box);
}

function say(text) {
  answer.innerHTML = "";
  const box = document.createElement("p");
  box.className = "notice ask";
  const mark = document.createElement("span");
  mark.className = "mark ask";
  mark.textContent = "!";
  const words = document.createElement("span");
  words.textContent = text;
  box.append(mark, words);
  answer.append(box);
  main.classList.add("answered");
}

function cut(text) {
  document.getElementById("cut").hidden = text === "";
  document.getElementById("cut-text").textContent = text;
}

// -- start ---------------------------------------------------------------------------------------------------------------------------------

const first = document.getElementById("stop-bar");
if (first) noteVerdicts(answer, first.dataset.stop);
showChip();
keepShell();
uploadWaiting();
// Decoded while nobody waits: the first offline check is then as quick as the next.
knowledge().catch(() => {});
addEventListener("online", () => { cut(""); uploadWaiting(); });
addEventListener("offline", () => cut("没有网络，将依据离线包核验。"));
window.luzheng = { checkText, times };
document.documentElement.dataset.ready = "yes";
