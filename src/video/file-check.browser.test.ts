import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FixedRegion } from '../core/file-redaction-protocol.ts';
import type { PipelineSettings } from '../core/protocol.ts';
import { regionAround } from '../governance/sharing/covered-places.ts';
import { createFaceFinder, type FaceFinder } from './detection/face-finder.ts';
import { createOnnxDetector } from './detection/onnx-detector.ts';
import { areModelsReady, readReadyFile } from './detection/ready-files.contract.ts';
import { checkVideoFile } from './file-check.ts';
import { FileClock, redactVideoFile } from './file-redactor.ts';
import { chooseEncoder } from './recording/encoder-choice.ts';
import { RedactedMediaWriter } from './recording/redacted-media-writer.ts';
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
  const choice = await chooseEncoder({ containers: ['webm'], ...size, bitrate: 4_000_000, latencyMode: 'quality' });
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const writer = await RedactedMediaWriter.open(choice, { onPiece: ({ bytes }) => pieces.push(bytes), onFailure: (error) => { throw error; } });
  for (let index = 0; index < FRAMES; index += 1) {
    writer.write(frameOfRedactedTrack(new VideoFrame(picture, { timestamp: index * 33_333 })), index * 33_333);
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
    const report = await checkVideoFile({ file: raw, settings, covered: [], regions: [] }, { ...parts(), onProgress: ({ frames }) => seen.push(frames) });
    expect(report.frames).toBe(FRAMES);
    expect(new Set(report.uncovered.map(({ timeUs }) => timeUs)).size).toBe(FRAMES);
    expect(report.uncovered.filter(({ confidence }) => confidence > 0.8).length).toBeGreaterThanOrEqual(FRAMES * 3);
    expect(seen.length).toBeGreaterThan(0);
    const claimed = await checkVideoFile({ file: raw, settings, covered: [everywhere], regions: [] }, parts());
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
      const { media, timeline } = await redactVideoFile({ file, settings, container: null, bitrate: null, regions: found, regionsOnly: round > 0 }, parts());
      covered.push(timeline);
      marked.push(...found);
      file = media;
      const report = await checkVideoFile({ file, settings, covered, regions: marked }, parts());
      expect(report.frames).toBe(FRAMES);
      expect(report.uncovered.filter(({ confidence }) => confidence > 0.8)).toEqual([]);
      if (report.uncoveredCount === 0) return;
      found = report.uncovered.map((face) => regionAround(face, round + 1, { width: 4000, height: 4000 }));
    }
    throw new Error('something is found after five rounds');
  }, 90_000);

  it('says what it is told to search and cannot', async () => {
    await expect(checkVideoFile({ file: new Blob(['no video']), settings, covered: [], regions: [] }, parts())).rejects.toMatchObject({ code: 'ERR_MEDIA_INVALID', details: { reason: 'not-a-video' } });
    await expect(checkVideoFile({ file: raw, settings, covered: [], regions: [] }, { ...parts(), signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_ABORTED' });
  });
});
