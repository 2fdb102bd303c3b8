/**
 * The first frames of a clip as I420 planes in memory.
 * @param {string} url of an .mjpeg.
 * @param {number} count
 * @returns {Promise<{ width: number, height: number, data: Uint8Array<ArrayBuffer> }[]>}
 */
export async function readClip(url, count) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const frames = [];
  let rest = new Uint8Array(0);
  for (const reader = response.body.getReader(); frames.length < count; ) {
    const { done, value } = await reader.read();
    if (done) break;
    const bytes = new Uint8Array(rest.length + value.length);
    bytes.set(rest);
    bytes.set(value, rest.length);
    const { jpegs, end } = splitJpegs(bytes);
    for (const jpeg of jpegs.slice(0, count - frames.length)) frames.push(await decode(jpeg));
    rest = bytes.subarray(end);
    if (frames.length === count) await reader.cancel();
  }
  if (frames.length === 0) throw new Error(`${url}: no frame`);
  return frames;
}

/** Pictures end with FF D9, which nothing inside of them looks like: a data byte FF is followed by 00. */
function splitJpegs(bytes) {
  const jpegs = [];
  let start = 0;
  for (let i = 0; i + 1 < bytes.length; i++) {
    if (bytes[i] !== 0xff || bytes[i + 1] !== 0xd9) continue;
    jpegs.push(bytes.subarray(start, i + 2));
    start = i + 2;
  }
  return { jpegs, end: start };
}

async function decode(jpeg) {
  const decoder = new ImageDecoder({ data: jpeg, type: 'image/jpeg' });
  const { image } = await decoder.decode();
  try {
    if (image.format !== 'I420') throw new Error(`the browser decodes JPEG to ${image.format}, I420 was expected`);
    const { width, height } = image.visibleRect;
    const data = new Uint8Array(image.allocationSize());
    await image.copyTo(data);
    return { width, height, data };
  } finally {
    image.close();
    decoder.close();
  }
}

/** A frame with a copy of such planes. The caller closes it. */
export function frameOf({ width, height, data }, timestampUs) {
  return new VideoFrame(data, {
    format: 'I420', codedWidth: width, codedHeight: height, timestamp: timestampUs,
    colorSpace: { primaries: 'bt709', transfer: 'bt709', matrix: 'smpte170m', fullRange: true },
  });
}
