import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CoveredSecond, FixedRegion } from '../core/file-redaction-protocol.ts';
import type { PipelineSettings } from '../core/protocol.ts';
import { regionAround } from '../governance/sharing/covered-places.ts';
import { createFaceFinder, type FaceFinder } from './detection/face-finder.ts';
import { createOnnxDetector } from './detection/onnx-detector.ts';
import { areModelsReady, readReadyFile } from './detection/ready-files.contract.ts';
import { checkVideoFile } from './file-check.ts';
import { FileClock, redactVideoFile } from './file-redactor.ts';
import { chooseEncoder } from './recording/encoder-choice.ts';
import { RedactedMediaWriter } from './recording/redacted-media-writer.ts';
import { coveredFrame } from './redaction/covered-frame.ts';
import { frameOfRedactedTrack } from './redaction/mint-redacted-frame.ts';

const FILES = ['ort-wasm-simd-threaded.wasm', 'blazeface-short.onnx', 'blazeface-full.onnx', 'blazeface-back.onnx'];
const PHOTO = '/node_modules/@vladmandic/face-api/demo/sample1.jpg';
const FRAMES = 6;
const settings: PipelineSettings = {
  style: { method: 'frost', strength: 0.5 },
  tracking: { holdMs: 1500, margin: 1 },
  detection: { budgetMs: 18, maxAgeMs: 300, timeoutMs: 20_000, selfTestIntervalMs: 600_000, threshold: 0.3 },
  delayFrames: 0,
  compositor: 'auto',
};

/** A video of a photo of several people, in which nothing is covered. */
async function uncoveredVideo(): Promise<Blob> {
  const picture = await createImageBitmap(await (await fetch(PHOTO)).blob(), { resizeWidth: 640 });
  const size = { width: picture.width & ~1, height: picture.height & ~1 };
  return videoOf(size, Array.from({ length: FRAMES }, () => (timestamp) => new VideoFrame(picture, { timestamp })), 33_333);
}

/** A video of these frames, so many microseconds apart. */
async function videoOf(size: { readonly width: number; readonly height: number }, frames: readonly ((timestamp: number) => VideoFrame)[], apartUs: number): Promise<Blob> {
  const choice = await chooseEncoder({ containers: ['webm'], ...size, bitrate: 4_000_000, latencyMode: 'quality' });
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const writer = await RedactedMediaWriter.open(choice, { onPiece: ({ bytes }) => pieces.push(bytes), onFailure: (error) => { throw error; } });
  for (const [index, frame] of frames.entries()) {
    writer.write(frameOfRedactedTrack(frame(index * apartUs)), index * apartUs);
    await writer.room(2);
  }
  const { summary, header } = await writer.finish();
  writer.close();
  return new Blob([header!.bytes, ...pieces.slice(1)], { type: summary.mimeType });
}

describe.skipIf(!(await areModelsReady(FILES)))('the second search of a redacted file [TAF-5.4a]', () => {
  let raw: Blob;
  let finder: FaceFinder;
  const clock = new FileClock();
  const parts = () => ({ finder, clock, signal: new AbortController().signal, onProgress: () => undefined });

  beforeAll(async () => {
    const [runtimeWasm, short, full, back] = await Promise.all(FILES.map(readReadyFile));
    const detector = await createOnnxDetector({ runtimeWasm: runtimeWasm!, models: { short: short!, full: full!, back: back! }, threshold: settings.detection.threshold });
    finder = createFaceFinder({ detector, settings: settings.detection, now: () => clock.now() });
    raw = await uncoveredVideo();
  }, 60_000);
  afterAll(() => { finder.close(); });

  it('finds every face that shows, in every frame, even where a cover is said to be', async () => {
    const everywhere = [{ timeUs: 0, tracks: [{ trackId: 1, box: { x: 0, y: 0, width: 4000, height: 4000 } }] }];
    const seen: number[] = [];
    const report = await checkVideoFile({ file: raw, settings, covered: [], regions: [], covers: [] }, { ...parts(), onProgress: ({ frames }) => seen.push(frames) });
    expect(report.frames).toBe(FRAMES);
    expect(new Set(report.uncovered.map(({ timeUs }) => timeUs)).size).toBe(FRAMES);
    expect(report.uncovered.filter(({ confidence }) => confidence > 0.8).length).toBeGreaterThanOrEqual(FRAMES * 3);
    expect(seen.length).toBeGreaterThan(0);
    const claimed = await checkVideoFile({ file: raw, settings, covered: [everywhere], regions: [], covers: [] }, parts());
    expect(claimed.uncoveredCount).toBeGreaterThanOrEqual(FRAMES);
    expect(claimed.uncovered.every(({ confidence }) => confidence >= 0.85)).toBe(true);
  }, 60_000);

  it('finds in what was redacted nothing that looks as faces do, and nothing at all when what it found was covered as well', async () => {
    const covered = [];
    const marked: FixedRegion[] = [];
    let found: FixedRegion[] = [];
    let file = raw;
    for (let round = 0; round < 5; round += 1) {
      finder.forget();
      const { media, timeline } = await redactVideoFile({ file, settings, container: null, bitrate: null, regions: found, regionsOnly: round > 0, keepSound: false }, parts());
      covered.push(timeline);
      marked.push(...found);
      file = media;
      const report = await checkVideoFile({ file, settings, covered, regions: marked, covers: [] }, parts());
      expect(report.frames).toBe(FRAMES);
      expect(report.uncovered.filter(({ confidence }) => confidence > 0.8)).toEqual([]);
      if (report.uncoveredCount === 0) return;
      found = report.uncovered.map((face) => regionAround(face, round + 1, { width: 4000, height: 4000 }));
    }
    throw new Error('something is found after five rounds');
  }, 90_000);

  it('does not search frames covered whole, where the manifest says so and every sample agrees; a claim alone spares nothing', async () => {
    const photo = await createImageBitmap(await (await fetch(PHOTO)).blob(), { resizeWidth: 640 });
    const size = { width: photo.width & ~1, height: photo.height & ~1 };
    const grey = (timestamp: number): VideoFrame => coveredFrame({ timestampUs: timestamp, durationUs: null, display: size });
    const spot = (timestamp: number): VideoFrame => {
      const canvas = new OffscreenCanvas(size.width, size.height);
      const context = canvas.getContext('2d')!;
      const cover = grey(timestamp);
      context.drawImage(cover, 0, 0);
      cover.close();
      context.fillStyle = '#777';
      context.fillRect(300, 200, 12, 12);
      return new VideoFrame(canvas, { timestamp });
    };
    const shot = (timestamp: number): VideoFrame => new VideoFrame(photo, { timestamp });
    const file = await videoOf(size, [grey, grey, spot, shot, grey], 300_000);
    const searched = async (covers: readonly CoveredSecond[], regions: readonly FixedRegion[] = []): Promise<readonly number[]> => {
      const report = await checkVideoFile({ file, settings, covered: [], regions, covers }, parts());
      expect(report.frames).toBe(5);
      expect(new Set(report.uncovered.filter(({ confidence }) => confidence > 0.8).map(({ timeUs }) => timeUs)).size).toBe(1);
      return [report.coveredWhole];
    };
    const second = (wholeFrames: number): CoveredSecond => ({ second: 0, frames: 5, regions: 0, wholeFrames });
    // All of the first second but the photo, of which the manifest lies.
    expect(await searched([second(5)])).toEqual([2]);
    expect(await searched([second(1)])).toEqual([1]);
    expect(await searched([])).toEqual([0]);
    expect(await searched([second(5), { ...second(5), second: 1 }])).toEqual([3]);
    // What is covered besides tells nothing about the rest.
    expect(await searched([second(5)], [{ fromUs: 0, untilUs: 1e6, box: { x: 296, y: 196, width: 20, height: 20 } }])).toEqual([3]);
  }, 60_000);

  it('says what it is told to search and cannot', async () => {
    await expect(checkVideoFile({ file: new Blob(['no video']), settings, covered: [], regions: [], covers: [] }, parts())).rejects.toMatchObject({ code: 'ERR_MEDIA_INVALID', details: { reason: 'not-a-video' } });
    await expect(checkVideoFile({ file: raw, settings, covered: [], regions: [], covers: [] }, { ...parts(), signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_ABORTED' });
  });
});
