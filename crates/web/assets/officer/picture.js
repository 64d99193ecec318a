/**
 * A code (QR or Grid Matrix) in a picture from the gallery: read here, never uploaded.
 */

import { readGrid } from "../verify/gridmatrix.js";
import { readQr } from "../verify/qr.js";

/** Longer side of what is looked at: more costs time and shows nothing new. */
const SIDE = 2400;

/** @param {File} file @returns {Promise<string|null>} */
export async function readPicture(file) {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = reject;
      image.src = url;
    });
    const scale = Math.min(1, SIDE / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    const context = canvas.getContext("2d");
    // A transparent picture stands on white.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    const found = readQr(pixels, { effort: "picture" }) || readGrid(pixels);
    if (found && found.text) return found.text;
    return null;
  } catch (error) {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}
