/**
 * The pack page: installs and updates the offline pack, certifies the device's key, shows and uploads receipts.
 */

import { openTrust } from "../verify/trust.js";
import { fact, mark, outcomes, receipts, setFacts } from "./keep.js";
import { openPack } from "./offline.js";
import { isOwn } from "./outcome.js";
import { enrol } from "./receipt.js";
import { element } from "./render.js";
import { ageWords, keepShell, packState, showChip } from "./state.js";
import { uploadWaiting } from "./upload.js";

const token = () => document.querySelector("meta[name=csrf]").content;
const staffNo = document.querySelector("meta[name=staff-no]").content;
const step = document.getElementById("pack-step");
const progress = document.getElementById("pack-progress");
const install = document.getElementById("install");
const badge = document.getElementById("pack-badge");

/** Milliseconds of the last installation, for the figures. */
let millis = 0;

async function post(path, body) {
  const reply = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Part": "1", "X-CSRF": token() },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(await trouble(reply));
  return reply.json();
}

async function trouble(reply) {
  const problem = await reply.json().catch(() => ({}));
  return (problem.detail || "节点答复 " + reply.status) + "。" + (problem.fix || "");
}

async function get(path) {
  const reply = await fetch(path, { cache: "no-cache" });
  if (!reply.ok) throw new Error(await trouble(reply));
  return reply;
}

function say(text, done) {
  step.textContent = text;
  progress.hidden = done === undefined;
  if (done !== undefined) progress.value = done;
}

/** Deltas that are kept over one whole pack; then it is fetched whole again. */
const DELTAS = 20;

/**
 * The newest pack: where the node has a delta over the one that is here, that; else whole.
 *
 * @returns {Promise<{bytes: Uint8Array, deltas: Uint8Array[], pack: object}>} what is kept, and the pack that it makes
 */
async function fetchPack(trust) {
  const bytes = async (reply) => new Uint8Array(await reply.arrayBuffer());
  const held = await fact("pack").catch(() => undefined);
  if (held && held.deltas.length < DELTAS) {
    try {
      const reply = await fetch("/api/v1/pack/delta?from=" + held.number, { cache: "no-cache" });
      if (reply.status === 200) {
        const deltas = held.deltas.concat(await bytes(reply));
        return { bytes: held.bytes, deltas, pack: openPack(held.bytes, deltas, trust) };
      }
    } catch (error) {
      // The whole pack does.
    }
  }
  const whole = await bytes(await get("/api/v1/pack/current"));
  return { bytes: whole, deltas: [], pack: openPack(whole, [], trust) };
}

/** Packs of other provinces that the node holds. One that cannot be had or does not hold keeps nothing else from being installed. */
async function fetchOthers(trust) {
  const provinces = document.querySelector("meta[name=others]").content.split(" ").filter((one) => one);
  const found = await Promise.all(provinces.map(async (province) => {
    try {
      const reply = await get("/api/v1/pack/current?province=" + province);
      const bytes = new Uint8Array(await reply.arrayBuffer());
      const pack = openPack(bytes, [], trust);
      if (pack.province !== province) return null;
      return { bytes, province, name: pack.name, number: pack.number, madeAt: pack.madeAt, maxAge: pack.maxAge, count: pack.count };
    } catch (error) {
      return null;
    }
  }));
  return found.filter((one) => one);
}

async function run() {
  install.disabled = true;
  const began = performance.now();
  try {
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
    say("正在取得信任数据……", 10);
    const [trust, reasons] = await Promise.all([
      get("/api/v1/pack/trust").then((reply) => reply.json()), get("/reasons.json").then((reply) => reply.json()),
    ]);
    const own = openTrust(trust);
    say("正在下载、核对离线包……", 30);
    const { bytes, deltas, pack } = await fetchPack(own);
    const others = await fetchOthers(own);
    const facts = {
      bytes, deltas, province: pack.province, name: pack.name, number: pack.number, madeAt: pack.madeAt, maxAge: pack.maxAge, count: pack.count,
      installedAt: Date.now() / 1000,
    };
    say("正在登记本机……", 80);
    const validTo = Math.max(pack.madeAt + pack.maxAge, Date.now() / 1000 + 3600);
    await enrol(staffNo, validTo, post);
    say("正在保存页面……", 90);
    await setFacts({ pack: facts, others, trust, reasons });
    mark(pack.number);
    const shell = await keepShell();
    millis = Math.round(performance.now() - began);
    say(shell ? "安装完成，可以离线核验。" : "离线包已保存，但本浏览器不能离线打开页面（无痕窗口或版本过旧）。");
  } catch (error) {
    say("没有安装：" + (error.message || error) + (navigator.onLine ? "" : "（没有网络）") + " 原有的离线包不受影响。");
  }
  install.disabled = false;
  await show();
}

function day(unix) {
  const date = new Date(unix * 1000);
  const two = (value) => String(value).padStart(2, "0");
  return date.getFullYear() + "-" + two(date.getMonth() + 1) + "-" + two(date.getDate()) + " " + two(date.getHours()) + ":" + two(date.getMinutes());
}

async function show() {
  const state = await packState();
  document.getElementById("lost").hidden = !state.lost;
  const list = document.getElementById("pack-facts");
  list.textContent = "";
  const line = (name, value) => list.append(element("div", "", element("dt", "", name), element("dd", "", value)));
  if (state.pack) {
    const { pack } = state;
    line("适用", pack.name + "（" + pack.province + "）签发的证照");
    line("编号", "第 " + pack.number + " 号");
    line("制作时间", day(pack.madeAt) + "（" + ageWords(Date.now() / 1000 - pack.madeAt) + "）");
    line("有效至", day(pack.madeAt + pack.maxAge));
    line("大小", "覆盖 " + pack.count.toLocaleString() + " 个证照序号，" + Math.max(1, Math.round(pack.deltas.reduce((sum, one) => sum + one.length, pack.bytes.length) / 1024)).toLocaleString() + " KiB");
    const others = (await fact("others").catch(() => [])) || [];
    others.forEach((one) => line("外省", one.name + "（" + one.province + "），第 " + one.number + " 号，" + ageWords(Date.now() / 1000 - one.madeAt)));
    badge.className = "badge " + (state.stale ? "ask" : "ok");
    badge.textContent = state.stale ? "已过期" : "可用";
    install.textContent = "更新离线包";
  } else {
    badge.className = "badge " + (state.lost ? "bad" : "");
    badge.textContent = state.lost ? "已丢失" : "未安装";
    line("状态", state.lost ? "被浏览器清除" : "还没有安装");
    install.textContent = "安装离线包";
  }
  await showReceipts();
  showChip();
  document.documentElement.dataset.millis = String(millis);
  document.documentElement.dataset.ready = "yes";
}

async function showReceipts() {
  const all = await receipts().catch(() => []);
  const waiting = all.filter((one) => !one.settled);
  const count = document.getElementById("wait-badge");
  count.textContent = waiting.length + " 份待上传";
  count.className = "badge " + (waiting.length ? "ask" : "ok");
  const list = document.getElementById("wait-list");
  list.textContent = "";
  all.slice(-10).reverse().forEach((one) => {
    const word = one.settled ? (one.why ? "未收：" + one.why : "已上传，节点已副署") : "待上传";
    list.append(element("li", one.settled ? "" : "off", one.verdict + "　" + word, element("time", "", day(one.at) + "　第 " + one.sequence + " 号")));
  });
  const open = await showOutcomes();
  document.getElementById("upload").disabled = waiting.length + open === 0;
}

/** The last outcomes that were recorded without network; how many of them wait. */
async function showOutcomes() {
  const all = await outcomes().catch(() => []);
  const list = document.getElementById("wait-outcomes");
  list.textContent = "";
  const words = { stored: "已上传", known: "已上传", older: "未采用", refused: "未收" };
  all.slice(-10).reverse().forEach((one) => {
    const wait = isOwn(one) ? "待上传" : "待 " + one.staffNo + " 本人登录后上传";
    const word = one.settled ? words[one.settled] + (one.why ? "：" + one.why : "") : wait;
    list.append(element("li", one.settled ? "" : "off", "处理结果“" + one.outcome + "”　" + word, element("time", "", day(one.at))));
  });
  return all.filter((one) => !one.settled).length;
}

install.addEventListener("click", run);
document.getElementById("upload").addEventListener("click", async () => {
  const done = await uploadWaiting();
  if (done.waiting !== 0) say("没有全部上传，请在有网络时重试；登录已结束的请重新登录。");
  await show();
});

show().then(() => uploadWaiting()).then((done) => { if (done.sent > 0) showReceipts(); });
keepShell();
