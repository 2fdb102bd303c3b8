// Sources of frames for a session in step. Frames are I420, as a camera gives them; the caller closes each.

const COLOUR = { primaries: 'smpte170m', transfer: 'smpte170m', matrix: 'smpte170m', fullRange: false };

/** @param {string} url @returns {Promise<Blob>} */
export async function fetchBlob(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.blob();
}

/** Frames that the server decodes. @param {{ url: string, width: number, height: number, count: number, fps: number }} clip */
export function decodedClip({ url, width, height, count, fps }) {
  return {
    count,
    fps,
    async frameOf(/** @type {number} */ index, /** @type {number} */ timestampUs) {
      const data = await (await fetchBlob(`${url}/${index}`)).arrayBuffer();
      return new VideoFrame(data, { format: 'I420', codedWidth: width, codedHeight: height, timestamp: timestampUs, colorSpace: COLOUR });
    },
  };
}

/** Frames that are JPEG files one after the other: their own planes. @param {{ url: string, count: number, fps: number }} clip */
export async function jpegClip({ url, count, fps }) {
  const bytes = new Uint8Array(await (await fetchBlob(url)).arrayBuffer());
  /** @type {number[]} */
  const starts = [];
  for (let at = bytes.indexOf(0xff); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    // SOI and the first byte of the next marker; within a picture FF is stuffed.
    if (bytes[at + 1] === 0xd8 && bytes[at + 2] === 0xff) starts.push(at);
  }
  return {
    count: Math.min(count, starts.length),
    fps,
    async frameOf(/** @type {number} */ index, /** @type {number} */ timestampUs) {
      const decoder = new ImageDecoder({ type: 'image/jpeg', data: bytes.slice(starts[index], starts[index + 1]) });
      try {
        const { image } = await decoder.decode();
        const data = new Uint8Array(image.allocationSize());
        const layout = await image.copyTo(data);
        const { format, codedWidth, codedHeight, colorSpace } = image;
        image.close();
        return new VideoFrame(data, { format: /** @type {VideoPixelFormat} */ (format), codedWidth, codedHeight, layout, colorSpace: colorSpace.toJSON(), timestamp: timestampUs });
      } finally {
        decoder.close();
      }
    },
  };
}

/**
 * A camera that moves over a still.
 * @param {{ url: string, from: number[], to: number[], out: [number, number], count: number, fps: number, frames: number }} pan `frames`: of the whole way.
 */
export async function panOver({ url, from, to, out: [width, height], count, fps, frames }) {
  const still = await createImageBitmap(await fetchBlob(url));
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D context');
  context.imageSmoothingQuality = 'high';
  return {
    count,
    fps,
    async frameOf(/** @type {number} */ index, /** @type {number} */ timestampUs) {
      const [x, y, w, h] = from.map((start, i) => start + ((to[i] - start) * index) / Math.max(1, frames - 1));
      context.drawImage(still, x, y, w, h, 0, 0, width, height);
      return i420Of(context.getImageData(0, 0, width, height), timestampUs);
    },
  };
}

/** @param {ImageData} picture @param {number} timestampUs */
export function i420Of({ width, height, data: rgba }, timestampUs) {
  const chromaWidth = (width + 1) >> 1;
  const chromaHeight = (height + 1) >> 1;
  const data = new Uint8Array(width * height + 2 * chromaWidth * chromaHeight);
  for (let i = 0; i < width * height; i++) {
    data[i] = 16.5 + (65.481 * rgba[4 * i] + 128.553 * rgba[4 * i + 1] + 24.966 * rgba[4 * i + 2]) / 255;
  }
  const [u, v] = [width * height, width * height + chromaWidth * chromaHeight];
  for (let y = 0; y < chromaHeight; y++) {
    for (let x = 0; x < chromaWidth; x++) {
      const at = 4 * (2 * y * width + 2 * x);
      const [r, g, b] = [rgba[at], rgba[at + 1], rgba[at + 2]];
      data[u + y * chromaWidth + x] = 128.5 + (-37.797 * r - 74.203 * g + 112 * b) / 255;
      data[v + y * chromaWidth + x] = 128.5 + (112 * r - 93.786 * g - 18.214 * b) / 255;
    }
  }
  return new VideoFrame(data, { format: 'I420', codedWidth: width, codedHeight: height, timestamp: timestampUs, colorSpace: COLOUR });
}
