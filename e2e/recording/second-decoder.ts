import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { CAMERA_CLIP } from '../support/build.mjs';
import type { StageServer } from '../support/stage-test.ts';
import type { Verdict } from '../support/page/judge.ts';
import { probe } from './read-back.ts';

const FFMPEG = '/usr/bin/ffmpeg';
/** Debian's ffmpeg: another decoder than the browser's, and the maker of odd files. */
export const hasFfmpeg = existsSync(FFMPEG);
/** What a test says that cannot do its work without it. */
export const NO_FFMPEG = 'no ffmpeg here: files can be neither made nor read by a second decoder';

/** Runs ffmpeg. @throws Error with what it says. */
export function ffmpeg(...args: readonly string[]): void {
  execFileSync(FFMPEG, ['-v', 'error', '-y', '-nostdin', ...args], { stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 1 << 26 });
}

/** The clip of the fake camera as a video file: its first frames, each with a marker that says which it is. */
export function clipAs(file: string, frames: number, ...args: readonly string[]): void {
  ffmpeg('-r', '30', '-f', 'mjpeg', '-i', CAMERA_CLIP, '-frames:v', String(frames), ...args, file);
}

/** Decodes a file with ffmpeg and holds every frame of it against the clip; `played` as in `judge`. */
export async function judgeFile(page: Page, server: StageServer, file: string, played?: number): Promise<Verdict> {
  const raw = `${file}.gray`;
  // All frames, each once, with their own times.
  ffmpeg('-i', file, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', raw);
  const { width, height, times } = probe(file);
  const bytes = width * height;
  if (statSync(raw).size !== bytes * times.length) throw new Error(`ffmpeg decoded ${statSync(raw).size / bytes} frames, ffprobe counts ${times.length}`);
  const handle = openSync(raw, 'r');
  server.intercept = (request, response) => {
    const index = /^\/second-decoder\/(\d+)$/.exec(request.url ?? '')?.[1];
    if (index === undefined) return false;
    const frame = Buffer.alloc(bytes);
    readSync(handle, frame, 0, bytes, Number(index) * bytes);
    response.end(frame);
    return true;
  };
  try {
    return await page.evaluate(
      async ({ width, height, times, played }) => {
        const { stage } = window;
        const frames = [];
        for (const [index, time] of times.entries()) {
          const data = new Uint8Array(await (await fetch(`/second-decoder/${index}`)).arrayBuffer());
          frames.push({ timestampUs: time * 1e6, format: 'gray', displayWidth: width, displayHeight: height, luma: { width, height, data } });
        }
        return stage.judge(frames, await stage.clip(), played);
      },
      { width, height, times: [...times], played },
    );
  } finally {
    server.intercept = null;
    closeSync(handle);
  }
}
