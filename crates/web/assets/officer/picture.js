/**
 * A code in a picture from the gallery: read here, never uploaded.
 */

import { textIn } from "./camera.js";

/** Longer sides that are tried, in this order: most pictures are much larger than the code needs. */
const SIDES = [1000, 1800, 600];

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
    const longest = Math.max(image.naturalWidth, image.naturalHeight);
    for (const side of SIDES) {
      const scale = Math.min(1, side / longest);
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
      canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
      const context = canvas.getContext("2d");
      // A transparent picture stands on white.
      context.fillStyle = "#fff";
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      const text = textIn(context.getImageData(0, 0, canvas.width, canvas.height));
      if (text !== null) return text;
    }
    return null;
  } catch (error) {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}
