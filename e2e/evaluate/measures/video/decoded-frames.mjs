// Frames of clips as ffmpeg decodes them, one I420 picture a request: /frames/NAME/INDEX.
import { spawn, spawnSync } from 'node:child_process';

const PATH = /^\/frames\/([^/]+)\/(\d+)$/;

/** Null where there is no ffmpeg. */
export function ffmpegVersion() {
  const { status, stdout } = spawnSync('ffmpeg', ['-version'], { encoding: 'utf8' });
  return status === 0 ? (/^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'unknown') : null;
}

/** Clips that the server of the page decodes while they are asked for, from the start to the end. */
export function decodedFrames() {
  /** @type {Map<string, { file: string, bytes: number }>} */
  const clips = new Map();
  /** @type {Map<string, ReturnType<typeof decode>>} */
  const running = new Map();

  async function frameOf(/** @type {string} */ name, /** @type {number} */ index) {
    const clip = clips.get(name);
    if (clip === undefined) throw new Error(`there is no clip ${name}`);
    let decoder = running.get(name);
    if (decoder === undefined || decoder.next > index) {
      decoder?.end();
      decoder = decode(clip.file, clip.bytes);
      running.set(name, decoder);
    }
    return decoder.frame(index);
  }

  return {
    /** @param {string} name @param {string} file @param {{ width: number, height: number }} size */
    add(name, file, { width, height }) {
      clips.set(name, { file, bytes: width * height + 2 * ((width + 1) >> 1) * ((height + 1) >> 1) });
    },
    /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response @returns {boolean} */
    answer(request, response) {
      const match = PATH.exec(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
      if (match === null) return false;
      frameOf(match[1] ?? '', Number(match[2])).then(
        (bytes) => response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(bytes),
        (error) => response.writeHead(500, { 'Content-Type': 'text/plain' }).end(String(error)),
      );
      return true;
    },
    close() {
      for (const decoder of running.values()) decoder.end();
      running.clear();
    },
  };
}

/** Frames in their order; what is skipped is dropped. */
function decode(/** @type {string} */ file, /** @type {number} */ frameBytes) {
  const child = spawn('ffmpeg', ['-v', 'error', '-i', file, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-threads', '1', 'pipe:1']);
  let complaint = '';
  child.stderr.on('data', (text) => (complaint += text));
  child.stdout.on('error', () => undefined); // It is told by the frame that does not come.
  const chunks = child.stdout[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);
  const decoder = {
    next: 0,
    async frame(/** @type {number} */ index) {
      for (;;) {
        const parts = [rest];
        let length = rest.length;
        while (length < frameBytes) {
          const { done, value } = await chunks.next();
          if (done) throw new Error(`${file} has no frame ${decoder.next}: ${complaint}`);
          parts.push(value);
          length += value.length;
        }
        const bytes = Buffer.concat(parts, length);
        rest = bytes.subarray(frameBytes);
        decoder.next += 1;
        if (decoder.next > index) return bytes.subarray(0, frameBytes);
      }
    },
    end() {
      child.kill();
      // What nobody reads would keep this process alive.
      child.stdout.destroy();
    },
  };
  return decoder;
}
