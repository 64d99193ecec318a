/**
 * The camera: frames are looked at until one holds a code.
 */

import { readGrid } from "../verify/gridmatrix.js";
import { readQr } from "../verify/qr.js";

/** Longer side of the frame that is looked at: enough for version 15 at arm's length. */
const SIDE = 800;
/** Every so many frames one is searched for Grid Matrix, which takes twice as long: the first ones are for QR. */
const GRID = 4;
/** Milliseconds after which a hint helps. */
const SLOW = 6000;

export class Camera {
  /** @param {HTMLVideoElement} video @param {HTMLElement} hint where it says what to do */
  constructor(video, hint) {
    this.video = video;
    this.hint = hint;
    this.canvas = document.createElement("canvas");
    this.running = false;
  }

  /** @returns {Promise<string|null>} the text of the first code seen; null when it was closed before */
  async scan() {
    if (!navigator.mediaDevices) throw Object.assign(new Error("no camera"), { name: "NotFoundError" });
    this.close();
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: false, video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    this.stream = stream;
    this.running = true;
    this.video.srcObject = stream;
    await this.video.play();
    const began = performance.now();
    this.hint.textContent = "对准二维码，自动识别";
    for (let frame = 1; this.running; frame++) {
      const text = this.look(frame % GRID === 0 ? readGrid : readQr);
      if (text !== null) {
        this.close();
        if (navigator.vibrate) navigator.vibrate(40);
        return text;
      }
      if (performance.now() - began > SLOW) this.hint.textContent = "靠近一些，避免反光；屏幕太暗请对方调亮";
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return null;
  }

  /** One frame, searched for one kind of symbol. @param {(image: ImageData) => {text: string}|null} read @returns {string|null} */
  look(read) {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width || !height) return null;
    const scale = Math.min(1, SIDE / Math.max(width, height));
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    const context = this.canvas.getContext("2d");
    context.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    const found = read(context.getImageData(0, 0, this.canvas.width, this.canvas.height));
    return found ? found.text : null;
  }

  close() {
    this.running = false;
    if (this.stream) this.stream.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }
}
