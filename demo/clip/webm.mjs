/**
 * A WebM file without a video encoder: a lossy WebP picture holds exactly one VP8 key frame (RFC 9649, section 2.5), so pictures
 * that `sharp` encodes become a VP8 track of key frames only. Any frame can be sought to exactly.
 */
import { BufferTarget, EncodedPacket, EncodedVideoPacketSource, Output, WebMOutputFormat } from 'mediabunny';

/**
 * The VP8 key frame inside a lossy WebP file.
 * @param {Uint8Array} webp
 * @returns {Uint8Array} A view into `webp`.
 * @throws {TypeError} When the file is no lossy WebP.
 */
export function vp8KeyFrame(webp) {
  const view = new DataView(webp.buffer, webp.byteOffset, webp.byteLength);
  /** @type {(at: number) => string} */
  const fourCc = (at) => String.fromCharCode(...webp.subarray(at, at + 4));
  if (webp.byteLength < 20 || fourCc(0) !== 'RIFF' || fourCc(8) !== 'WEBP') throw new TypeError('vp8KeyFrame: not a WebP file');
  for (let at = 12; at + 8 <= webp.byteLength; ) {
    const size = view.getUint32(at + 4, true);
    if (fourCc(at) === 'VP8 ') return webp.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  throw new TypeError('vp8KeyFrame: the WebP file has no VP8 chunk; encode it lossy');
}

/**
 * Puts VP8 key frames into a WebM file, in order.
 * @param {{ width: number, height: number, fps: number }} format
 */
export async function startWebm({ width, height, fps }) {
  const target = new BufferTarget();
  const output = new Output({ format: new WebMOutputFormat(), target });
  const track = new EncodedVideoPacketSource('vp8');
  output.addVideoTrack(track, { frameRate: fps });
  await output.start();
  let frame = 0;
  return {
    /** @param {Uint8Array} keyFrame */
    async add(keyFrame) {
      const packet = new EncodedPacket(keyFrame, 'key', frame / fps, 1 / fps);
      await track.add(packet, { decoderConfig: { codec: 'vp8', codedWidth: width, codedHeight: height } });
      frame++;
    },
    /** @returns {Promise<Uint8Array>} The whole file. */
    async finish() {
      await output.finalize();
      if (target.buffer === null) throw new Error('startWebm: the muxer gave no file');
      return new Uint8Array(target.buffer);
    },
  };
}
