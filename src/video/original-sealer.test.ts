import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ClaimEndReason } from '../core/claim-protocol.ts';
import type { Box } from '../core/geometry.ts';
import type { OriginalMessage, OriginalReply } from '../core/originals-protocol.ts';
import { createOriginalsKeyPair, openContentKey, openCrops, type OriginalCrop, type OriginalIds } from '../core/originals.ts';
import { planesOf, type FrameView } from '../core/pixels.ts';
import type { RedactionPlan } from '../core/redaction.ts';
import { createCropCutter, type CropCutter } from './crop-cutter.ts';
import { OriginalSealer } from './original-sealer.ts';

const display = { width: 320, height: 240 };
/** Recorded twice as large, with bars above and below. */
const recorded = { width: 640, height: 600 };
const IDS: OriginalIds = { originalId: 'o1', recordingId: 'r1', trackId: 7 };
const OWN: Box = { x: 40, y: 50, width: 60, height: 80 };
/** Inside what covers it. */
const FACE: Box = { x: 52, y: 65, width: 36, height: 45 };
/** Covers that reach into that of the face, and into the face itself. */
const BESIDE: Box = { x: 91.5, y: 60, width: 60, height: 80 };
const NEAR: Box = { x: 80, y: 60, width: 60, height: 80 };
const FAR: Box = { x: 200, y: 60, width: 60, height: 80 };
const FRAME_US = 33_333;
const JPEG_MARK = [0xff, 0xd8, 0xff];

const { planes, byteLength } = planesOf('RGBA', display);
const data = new Uint8Array(byteLength).fill(90);
const pixels = { ...display, format: 'RGBA' as const, data, planes, colour: { matrix: 'bt709' as const, fullRange: true }, orientation: { rotation: 0 as const, flip: false }, display };

const planOf = (...others: readonly Box[]): RedactionPlan => ({ kind: 'regions', regions: [{ trackId: IDS.trackId, box: OWN }, ...others.map((box, i) => ({ trackId: 20 + i, box }))] });
const whole: RedactionPlan = { kind: 'whole', reason: 'paused' };

let pair: CryptoKeyPair;
beforeAll(async () => {
  pair = await createOriginalsKeyPair();
});
const opened: MessagePort[] = [];
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function open({ cutter = createCropCutter(), publicKey = pair.publicKey, keeps = true }: { cutter?: CropCutter; publicKey?: CryptoKey; keeps?: boolean } = {}) {
  const { port1, port2 } = new MessageChannel();
  opened.push(port1, port2);
  const heard: OriginalMessage[] = [];
  const say = (reply: OriginalReply): void => { port1.postMessage(reply); };
  port1.onmessage = ({ data }: MessageEvent<OriginalMessage>) => {
    heard.push(data);
    if (data.kind === 'chunk' && keeps) say({ kind: 'kept', sequence: data.chunk.sequence });
  };
  let failed = 0;
  const sealer = new OriginalSealer({ claimId: 'c1', ids: IDS, publicKey, port: port2, cutter, hindsightUs: 300_000, onFailed: () => { failed += 1; } });
  let timestampUs = 0;
  /** One frame: seen, sent out covered, recorded. */
  const step = async (plan: RedactionPlan = planOf(), { sentOut = plan, isRecorded = true }: { sentOut?: RedactionPlan; isRecorded?: boolean } = {}): Promise<void> => {
    timestampUs += FRAME_US;
    const view: FrameView = { kind: 'planes', info: { timestampUs, durationUs: null, display }, pixels, colorSpace: null };
    sealer.see({ view, tracks: [], plan: () => plan }, { box: FACE, confidence: 0.9, keypoints: [] });
    sealer.covered(timestampUs, sentOut);
    if (isRecorded) say({ kind: 'frame', frame: { sourceUs: timestampUs, timeUs: timestampUs - FRAME_US, size: recorded } });
    await settle();
  };
  const run = async (frames: number, plan?: RedactionPlan, more?: Parameters<typeof step>[1]): Promise<void> => {
    for (let i = 0; i < frames; i += 1) await step(plan, more);
  };
  const end = async (reason: ClaimEndReason = 'released'): Promise<void> => {
    await sealer.end(reason);
    await settle();
  };
  /** Everything that was sealed, opened. */
  const crops = async (): Promise<OriginalCrop[]> => {
    const key = heard.find((message) => message.kind === 'key');
    if (key === undefined) return [];
    const opening = await openContentKey(IDS, key.wrappedKey, pair.privateKey);
    const all: OriginalCrop[] = [];
    for (const message of heard) if (message.kind === 'chunk') all.push(...(await openCrops(message.chunk, IDS, message.chunk.sequence, opening)));
    return all;
  };
  return { step, run, end, crops, heard, failed: () => failed };
}

describe('what is sealed of a claimed face', () => {
  test('at most ten crops a second, about a second a chunk, with times and places of the recording [MEG-crypt]', async () => {
    const scene = open();
    await scene.run(66);
    expect(scene.heard.filter(({ kind }) => kind === 'chunk')).toHaveLength(1);
    await scene.end();
    const crops = await scene.crops();
    expect(crops.length).toBeGreaterThan(18);
    expect(crops.length).toBeLessThan(23);
    expect(crops[0]).toMatchObject({ timeUs: 0, box: { x: 80, y: 60 + 100, width: 120, height: 160 } });
    expect(crops.every(({ jpeg }) => JPEG_MARK.every((byte, i) => jpeg[i] === byte))).toBe(true);
    const times = crops.map(({ timeUs }) => timeUs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(scene.heard.at(-1)).toEqual({ kind: 'ended', claimId: 'c1', reason: 'released', failure: null });
  });

  test('nothing crosses the port but wrapped key and ciphertext', async () => {
    const scene = open();
    await scene.run(50);
    await scene.end();
    expect(new Set(scene.heard.map(({ kind }) => kind))).toEqual(new Set(['key', 'chunk', 'ended']));
    for (const message of scene.heard) {
      if (message.kind !== 'chunk') continue;
      expect(Object.keys(message.chunk).sort()).toEqual(['crops', 'fromUs', 'iv', 'originalId', 'recordingId', 'sealed', 'sequence', 'trackId', 'untilUs']);
      expect(Buffer.from(message.chunk.sealed).includes('JFIF')).toBe(false);
    }
  });

  test.each<[string, RedactionPlan, { sentOut?: RedactionPlan; isRecorded?: boolean }]>([
    ['somebody else\'s cover reaches into the face', planOf(NEAR), {}],
    ['both sides are somebody else\'s', planOf(BESIDE, { x: 0, y: 50, width: 55, height: 80 }), {}],
    ['the picture\'s new border reaches into the face', { kind: 'regions', regions: [{ trackId: IDS.trackId, box: OWN }, { trackId: null, box: NEAR }] }, {}],
    ['the whole frame is covered', whole, {}],
    ['the face is not covered', { kind: 'regions', regions: [{ trackId: 8, box: FAR }] }, {}],
    ['the frame goes out with somebody beside it who was not known before', planOf(), { sentOut: planOf(BESIDE) }],
    ['the frame goes out covered whole', planOf(), { sentOut: whole }],
    ['the recording does not hold the frame', planOf(), { isRecorded: false }],
  ])('nothing where %s', async (_, plan, more) => {
    const scene = open();
    await scene.run(20, plan, more);
    await scene.end();
    expect(await scene.crops()).toEqual([]);
  });

  test('a neighbour\'s cover is cut away, to the pixel', async () => {
    const scene = open();
    await scene.run(30, planOf(BESIDE));
    await scene.end();
    const crops = await scene.crops();
    expect(crops.length).toBeGreaterThan(4);
    // 40 to 91 of the picture, twice as large; above are the bars.
    for (const { box } of crops) expect(box).toEqual({ x: 80, y: 160, width: 2 * (91 - 40), height: 160 });
  });

  test('somebody else in the same picture does no harm; somebody who is found late takes what came just before along', async () => {
    const scene = open();
    await scene.run(20, planOf(FAR));
    await scene.step({ kind: 'regions', regions: [{ trackId: IDS.trackId, box: OWN }, { trackId: 99, box: BESIDE }] });
    await scene.run(30, planOf(FAR));
    await scene.end();
    const times = (await scene.crops()).map(({ timeUs }) => timeUs);
    expect(times.length).toBeGreaterThan(4);
    // All of the first twenty frames still waited.
    expect(times.every((timeUs) => timeUs > 20 * FRAME_US)).toBe(true);
  });

  test('what waits is not sealed when the picture goes out covered whole: of that time nobody knows who was there', async () => {
    const scene = open();
    await scene.run(20);
    await scene.run(20, planOf(), { sentOut: whole });
    await scene.end();
    expect(await scene.crops()).toEqual([]);
  });
});

describe('the end', () => {
  test.each<[ClaimEndReason, number]>([['released', 500_000], ['faces-crossed', 500_000], ['consent-ended', 0]])('%s: what waits is sealed, but for the last moment, and not at all without consent', async (reason, untilUs) => {
    const scene = open();
    await scene.run(28);
    await scene.end(reason);
    const last = (await scene.crops()).at(-1)?.timeUs ?? 0;
    expect(Math.abs(last - untilUs)).toBeLessThan(FRAME_US * 2);
    await scene.run(30);
    expect(scene.heard.at(-1)).toMatchObject({ kind: 'ended', reason });
  });

  test('a key that cannot wrap ends it, and nothing was sealed', async () => {
    const scene = open({ publicKey: pair.privateKey });
    await scene.run(5);
    expect(scene.failed()).toBe(1);
    await scene.end('not-sealed');
    expect(scene.heard).toMatchObject([{ kind: 'ended', reason: 'not-sealed', failure: { code: expect.any(String) as string } }]);
  });

  test('a cutter that throws ends it', async () => {
    const scene = open({ cutter: { cut: () => null, cutRegion: () => { throw new Error('no canvas'); } } });
    await scene.run(2);
    expect(scene.failed()).toBe(1);
  });

  test('storage that keeps nothing costs faces, not memory', async () => {
    const scene = open({ keeps: false });
    await scene.run(330);
    expect(scene.heard.filter(({ kind }) => kind === 'chunk').length).toBeLessThanOrEqual(4);
  });
});
