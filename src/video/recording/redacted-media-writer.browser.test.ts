import { ALL_FORMATS, BlobSource, Input, VideoSampleSink } from 'mediabunny';
import { afterEach, describe, expect, test } from 'vitest';
import type { MediaPiece, RecordingContainer } from '../../core/recording.ts';
import { frameOfRedactedTrack } from '../redaction/mint-redacted-frame.ts';
import { chooseEncoder } from './encoder-choice.ts';
import { RedactedMediaWriter } from './redacted-media-writer.ts';

const WIDTH = 160;
const HEIGHT = 90;
/** Uneven on purpose: 25 to 50 frames per second. */
const STEPS_US = [20_000, 40_000, 30_000];

const opened: HTMLVideoElement[] = [];
afterEach(() => {
  for (const video of opened.splice(0)) {
    URL.revokeObjectURL(video.src);
    video.removeAttribute('src');
  }
});

/** Grey that tells which frame it is. */
function draw(index: number, size: { readonly width: number; readonly height: number }, timestamp: number): VideoFrame {
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext('2d')!;
  context.fillStyle = `rgb(${index % 200} 90 90)`;
  context.fillRect(0, 0, size.width, size.height);
  return new VideoFrame(canvas, { timestamp });
}

function timesOf(count: number): number[] {
  const times = [0];
  while (times.length < count) times.push(times.at(-1)! + STEPS_US[times.length % STEPS_US.length]!);
  return times;
}

async function record(container: RecordingContainer, times: readonly number[], sizeOf = (_index: number) => ({ width: WIDTH, height: HEIGHT })) {
  const pieces: MediaPiece[] = [];
  const failures: unknown[] = [];
  const choice = await chooseEncoder({ containers: [container], width: WIDTH, height: HEIGHT, bitrate: null, latencyMode: 'quality' });
  const writer = await RedactedMediaWriter.open(choice, { onPiece: (piece) => pieces.push(piece), onFailure: (error) => failures.push(error) });
  for (const [index, timeUs] of times.entries()) {
    writer.write(frameOfRedactedTrack(draw(index, sizeOf(index), 77_000 + timeUs)), timeUs);
    await writer.room(4);
  }
  const { summary, header } = await writer.finish();
  expect(failures).toEqual([]);
  return { pieces, summary, header };
}

async function play(parts: readonly Uint8Array<ArrayBuffer>[], type: string): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  opened.push(video);
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([...parts], { type }));
  await new Promise((resolve, reject) => {
    video.onloadeddata = resolve;
    video.onerror = () => { reject(new Error(video.error?.message)); };
  });
  return video;
}

async function seek(video: HTMLVideoElement, at: number): Promise<number> {
  video.currentTime = at;
  await new Promise((resolve) => { video.onseeked = resolve; });
  return video.currentTime;
}

describe.each(['webm', 'mp4'] as const)('%s', (container) => {
  const times = timesOf(120);

  test('a finished file has its duration, its frames in pieces of a second, and can be sought', async () => {
    const { pieces, summary, header } = await record(container, times);
    expect(summary).toMatchObject({ container, frames: 120, width: WIDTH, height: HEIGHT });
    expect(summary.durationUs).toBeGreaterThan(times.at(-1)!);
    expect(pieces.map(({ sequence }) => sequence)).toEqual(pieces.map((_, i) => i));
    expect(pieces.reduce((sum, { frames }) => sum + frames, 0)).toBe(120);
    for (const { fromUs, untilUs } of pieces) expect(untilUs - fromUs).toBeLessThan(1_200_000);
    expect(header?.bytes.length).toBe(pieces[0]?.bytes.length);
    const video = await play([header!.bytes, ...pieces.slice(1).map(({ bytes }) => bytes)], summary.mimeType);
    expect(video.duration).toBeCloseTo(summary.durationUs / 1e6, 1);
    expect(video.seekable.end(0)).toBeCloseTo(video.duration, 1);
    for (const at of [3, 0.5, 2]) expect(await seek(video, at)).toBe(at);
  });

  test('a file that ends after any piece plays up to there', async () => {
    const { pieces, summary } = await record(container, times);
    for (const kept of [2, 3]) {
      const video = await play(pieces.slice(0, kept).map(({ bytes }) => bytes), summary.mimeType);
      expect(video.videoWidth).toBe(WIDTH);
      const endS = pieces[kept - 1]!.untilUs / 1e6;
      await video.play();
      await new Promise((resolve) => { video.onended = resolve; });
      expect(video.currentTime).toBeGreaterThan(endS - 0.1);
    }
  });

  test('frames of another size keep the size of the file and their shape: drawn into the middle, black beside', async () => {
    const { pieces, summary, header } = await record(container, times.slice(0, 40), (index) => (index < 20 ? { width: WIDTH, height: HEIGHT } : { width: 90, height: 160 }));
    expect(summary).toMatchObject({ width: WIDTH, height: HEIGHT, frames: 40 });
    const media = new Blob([header!.bytes, ...pieces.slice(1).map(({ bytes }) => bytes)], { type: summary.mimeType });
    using input = new Input({ source: new BlobSource(media), formats: ALL_FORMATS });
    const sample = (await new VideoSampleSink((await input.getPrimaryVideoTrack())!).getSample(times[30]! / 1e6))!;
    expect([sample.displayWidth, sample.displayHeight]).toEqual([WIDTH, HEIGHT]);
    const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
    const context = canvas.getContext('2d')!;
    sample.draw(context, 0, 0);
    sample.close();
    const redAt = (x: number, y: number): number => context.getImageData(x, y, 1, 1).data[1]!;
    expect(redAt(20, 45)).toBeLessThan(20);
    expect(redAt(140, 45)).toBeLessThan(20);
    expect(redAt(80, 3)).toBeGreaterThan(60);
    expect(redAt(80, 86)).toBeGreaterThan(60);
  });
});

test('one frame is a file, none is none', async () => {
  const one = await record('webm', [0]);
  expect(one.summary.frames).toBe(1);
  const video = await play([one.header!.bytes, ...one.pieces.slice(1).map(({ bytes }) => bytes)], one.summary.mimeType);
  expect(video.videoWidth).toBe(WIDTH);
  const none = await record('mp4', []);
  expect(none).toMatchObject({ header: null, pieces: [], summary: { frames: 0 } });
});

test('a size that no encoder takes is refused before anything is recorded', async () => {
  await expect(chooseEncoder({ containers: ['webm', 'mp4'], width: 60_000, height: 60_000, bitrate: null, latencyMode: 'quality' })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
});

test('an encoder that fails in mid-stream is told once; what came before is a file that plays', async () => {
  const Real = globalThis.VideoEncoder;
  let encoded = 0;
  // The browser's own encoder, which takes 70 frames and then fails as one does that lost its hardware.
  globalThis.VideoEncoder = class extends Real {
    readonly #fail: (error: DOMException) => void;
    constructor(init: VideoEncoderInit) {
      super(init);
      this.#fail = init.error;
    }
    override encode(frame: VideoFrame, options?: VideoEncoderEncodeOptions): void {
      encoded += 1;
      if (encoded > 70) this.#fail(new DOMException('the hardware is gone', 'EncodingError'));
      else super.encode(frame, options);
    }
  };
  try {
    const pieces: MediaPiece[] = [];
    const failures: unknown[] = [];
    const choice = await chooseEncoder({ containers: ['webm'], width: WIDTH, height: HEIGHT, bitrate: null, latencyMode: 'realtime' });
    const writer = await RedactedMediaWriter.open(choice, { onPiece: (piece) => pieces.push(piece), onFailure: (error) => failures.push(error) });
    for (const [index, timeUs] of timesOf(90).entries()) {
      writer.write(frameOfRedactedTrack(draw(index, { width: WIDTH, height: HEIGHT }, timeUs)), timeUs);
      await writer.room(4);
    }
    const { summary, header } = await writer.finish();
    expect(failures).toMatchObject([{ code: 'ERR_ENCODER_FAILED' }]);
    expect(summary.frames).toBeGreaterThan(30);
    expect(summary.frames).toBeLessThanOrEqual(70);
    const video = await play([header!.bytes, ...pieces.slice(1).map(({ bytes }) => bytes)], summary.mimeType);
    expect(video.duration).toBeCloseTo(summary.durationUs / 1e6, 1);
  } finally {
    globalThis.VideoEncoder = Real;
  }
});
