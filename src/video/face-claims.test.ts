import { afterEach, describe, expect, test } from 'vitest';
import type { ClaimEnded, ClaimEndReason, CropMessage, CropReply } from '../core/claim-protocol.ts';
import { createOriginalsKeyPair } from '../core/originals.ts';
import type { OriginalMessage } from '../core/originals-protocol.ts';
import { CROP_SIDE } from '../core/face-crop.ts';
import type { Detection } from '../core/faces.ts';
import type { Point } from '../core/geometry.ts';
import { planesOf, type FrameView } from '../core/pixels.ts';
import { createCropCutter } from './crop-cutter.ts';
import { FaceClaims } from './face-claims.ts';
import { createFaceTracker } from './tracking/face-tracker.ts';

const display = { width: 1280, height: 720 };
const whole = { model: 'short', window: { x: 0, y: 0, ...display } };
const FRAME_US = 33_333;
const opened: MessagePort[] = [];

/** An upright face as BlazeFace points it out. */
function face(x: number, y: number, side = 100, more: Partial<Detection> = {}): Detection {
  const at = (dx: number, dy: number): Point => ({ x: x + dx * side, y: y + dy * side });
  const keypoints = [at(-0.2, -0.2), at(0.2, -0.2), at(0, 0.05), at(0, 0.25), at(-0.45, -0.1), at(0.45, -0.1)];
  return { box: { x: x - side / 2, y: y - side / 2, width: side, height: side }, confidence: 0.8, keypoints, model: 'short', ...more };
}

/** A grey picture in which each face's place has its own brightness. */
function pictureOf(faces: readonly { readonly at: Detection; readonly grey: number }[], timestampUs: number): FrameView {
  const { planes, byteLength } = planesOf('RGBA', display);
  const data = new Uint8Array(byteLength).fill(10);
  for (const { at, grey } of faces) {
    for (let y = Math.ceil(at.box.y); y < at.box.y + at.box.height; y++) data.fill(grey, (y * display.width + Math.ceil(at.box.x)) * 4, (y * display.width + Math.floor(at.box.x + at.box.width)) * 4);
  }
  const pixels = { ...display, format: 'RGBA' as const, data, planes, colour: { matrix: 'bt709' as const, fullRange: true }, orientation: { rotation: 0 as const, flip: false }, display };
  return { kind: 'planes', info: { timestampUs, durationUs: null, display }, pixels, colorSpace: null };
}

/** The grey of a crop's middle. */
const greyOf = (message: CropMessage | undefined): number | null => (message?.kind === 'crop' ? (message.crop.rgb[((CROP_SIDE / 2) * CROP_SIDE + CROP_SIDE / 2) * 3] ?? null) : null);

function open() {
  const tracker = createFaceTracker({ holdMs: 1000, margin: 1.2 });
  const ended: ClaimEnded[] = [];
  const cutter = createCropCutter();
  let cuts = 0;
  const counting: typeof cutter = {
    ...cutter,
    cut: (...args) => {
      cuts += 1;
      return cutter.cut(...args);
    },
  };
  const claims = new FaceClaims({ tracker, cutter: counting, maxAgeMs: 300, onEnded: (event) => ended.push(event) });
  let timestampUs = 0;
  const step = (faces: readonly Detection[], { covered = false, paused = false } = {}): readonly number[] => {
    timestampUs += FRAME_US;
    const tracks = tracker.update({ detections: paused ? [] : faces, timestampUs, display, searched: paused ? [] : [whole] });
    claims.follow({ view: pictureOf(faces.map((at, i) => ({ at, grey: 100 + 50 * i })), timestampUs), tracks, plan: () => (covered || paused ? { kind: 'whole', reason: 'paused' } : { kind: 'regions', regions: tracks.map(({ trackId, box }) => ({ trackId, box })) }) });
    return tracks.map(({ trackId }) => trackId);
  };
  const claim = (trackId: number | null, claimId = 'claim-1') => {
    const { port1, port2 } = new MessageChannel();
    opened.push(port1, port2);
    const heard: CropMessage[] = [];
    port1.onmessage = ({ data }: MessageEvent<CropMessage>) => {
      heard.push(data);
    };
    const started = claims.open({ claimId, trackId, port: port2 });
    const reply = async (kind: CropReply['kind']): Promise<void> => {
      port1.postMessage({ kind } satisfies CropReply);
      await settle();
    };
    return { started, heard, reply, port: port1 };
  };
  return { tracker, claims, ended, step, claim, cuts: () => cuts, now: () => timestampUs };
}

/** Until messages that are on their way have come. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

const alone = [face(400, 300)];
const two = [face(400, 300), face(900, 300)];

function warm(faces: readonly Detection[]) {
  const scene = open();
  let ids: readonly number[] = [];
  for (let frame = 0; frame < 5; frame++) ids = scene.step(faces);
  return { ...scene, ids };
}

describe('what can be claimed [TAF-5.3d]', () => {
  test('the only face in the picture, without naming it', () => {
    const { claim, ids } = warm(alone);
    expect(claim(null).started).toEqual({ trackId: ids[0] });
  });

  test.each<[string, readonly Detection[], number | null, object]>([
    ['nobody is there', [], null, { faces: 0 }],
    ['several are there and none is named', two, null, { faces: 2 }],
    ['no such track is there', two, 99, { faces: 2 }],
    ['two are too near to each other', [face(400, 300), face(495, 300)], 1, { doubt: 'faces-crossed' }],
  ])('nothing where %s', (_, faces, trackId, details) => {
    const { claim } = warm(faces);
    expect(() => claim(trackId)).toThrow(expect.objectContaining({ code: 'ERR_CLAIM_AMBIGUOUS', details: expect.objectContaining(details) as unknown }) as Error);
  });

  test('nothing before a face is confirmed, nor when it is lost', () => {
    const { claim, step } = open();
    const [id] = step(alone);
    expect(() => claim(id ?? 0)).toThrow(expect.objectContaining({ details: { trackId: id, trackState: 'tentative' } }) as Error);
    for (let frame = 0; frame < 5; frame++) step(alone);
    step([]);
    expect(() => claim(id ?? 0)).toThrow(expect.objectContaining({ details: { trackId: id, trackState: 'lost' } }) as Error);
  });

  test('a second time to seal it, and then no other face; an embedder that sees another face ends both', async () => {
    const { claim, claims, ended, ids } = warm(two);
    const [own, other] = [ids[0] ?? 0, ids[1] ?? 0];
    const { publicKey } = await createOriginalsKeyPair();
    const seal = (trackId: number | null, claimId: string): OriginalMessage[] => {
      const { port1, port2 } = new MessageChannel();
      opened.push(port1, port2);
      const heard: OriginalMessage[] = [];
      port1.onmessage = ({ data }: MessageEvent<OriginalMessage>) => heard.push(data);
      expect(claims.open({ claimId, trackId, port: port2, originals: { originalId: 'o1', recordingId: 'r1', publicKey } })).toEqual({ trackId: own });
      return heard;
    };
    const looking = claim(own);
    expect(() => seal(other, 'seal-0')).toThrow(expect.objectContaining({ code: 'ERR_CLAIM_AMBIGUOUS', details: expect.objectContaining({ inForce: own }) as unknown }) as Error);
    const heard = seal(own, 'seal-1');
    expect(() => seal(own, 'seal-2')).toThrow(expect.objectContaining({ details: { inForce: own } }) as Error);
    await looking.reply('doubt');
    await claims.settled();
    await settle();
    expect(ended.map(({ claimId, reason }) => [claimId, reason])).toEqual([['claim-1', 'another-face'], ['seal-1', 'another-face']]);
    expect(heard.at(-1)).toEqual({ kind: 'ended', claimId: 'seal-1', reason: 'another-face', failure: null });
  });

  test('one at a time, and a failed attempt leaves the living one alone', async () => {
    const { claim, step, ids, ended } = warm(two);
    const first = claim(ids[0] ?? 0);
    expect(() => claim(ids[1] ?? 0, 'claim-2')).toThrow(expect.objectContaining({ code: 'ERR_CLAIM_AMBIGUOUS', details: { inForce: ids[0] } }) as Error);
    await first.reply('wanted');
    step(two);
    await settle();
    expect(first.heard).toHaveLength(1);
    expect(ended).toEqual([]);
  });
});

describe('crops [TAF-5.3d]', () => {
  test('are of the claimed face alone, from the frame of their time', async () => {
    const { claim, step, ids, now } = warm(two);
    const { reply, heard } = claim(ids[1] ?? 0);
    for (let frame = 0; frame < 5; frame++) {
      await reply('wanted');
      step(two);
      await settle();
      expect(heard[frame]).toMatchObject({ kind: 'crop', claimId: 'claim-1', trackId: ids[1], timestampUs: now(), crop: { face: { sidePx: 100, confidence: 0.8, display, others: 0 } } });
      expect(greyOf(heard[frame])).toBe(150);
    }
  });

  test('are made only when asked for, one for each time', async () => {
    const { claim, step, cuts } = warm(alone);
    const { reply, heard } = claim(null);
    for (let frame = 0; frame < 5; frame++) step(alone);
    expect(cuts()).toBe(0);
    await reply('wanted');
    for (let frame = 0; frame < 5; frame++) step(alone);
    await settle();
    expect(cuts()).toBe(1);
    expect(heard).toHaveLength(1);
  });

  test('are not made of frames in which the face was not detected, has no keypoints, or all is covered', async () => {
    const { claim, step, cuts, ended, tracker } = warm(alone);
    const { reply } = claim(null);
    await reply('wanted');
    step(alone, { paused: true });
    step(alone, { covered: true });
    step([face(400, 300, 100, { keypoints: [] })]);
    expect(cuts()).toBe(0);
    step(alone);
    expect(cuts()).toBe(1);
    expect(ended).toEqual([]);
    expect(tracker.restarts).toBe(0);
  });

  test('are not made of a sighting that is less sure than those before, until these are a while ago', async () => {
    const { claim, step } = warm([face(400, 300, 100, { confidence: 0.95 })]);
    const { heard, reply } = claim(null);
    step([face(400, 300, 100, { confidence: 0.95 })]);
    await reply('wanted');
    const unsure = [face(400, 300, 100, { confidence: 0.8 })];
    for (let frame = 0; frame < 15; frame++) step(unsure);
    await settle();
    expect(heard).toHaveLength(0);
    for (let frame = 0; frame < 15; frame++) step(unsure);
    await settle();
    expect(heard).toHaveLength(1);
    await reply('wanted');
    step([face(400, 300, 100, { confidence: 0.9 })]);
    await settle();
    expect(heard).toHaveLength(2);
  });

  test('say how many other faces reach into them', async () => {
    const { claim, step, ids } = warm([face(400, 300), face(900, 300)]);
    const { reply, heard } = claim(ids[0] ?? 0);
    // A face that fills more than its box.
    const near = [face(400, 300, 100, { keypoints: face(400, 300, 140).keypoints }), face(515, 300)];
    for (let x = 880; x >= 515; x -= 15) step([face(400, 300), face(x, 300)]);
    await reply('wanted');
    step(near);
    await settle();
    expect(heard.at(-1)).toMatchObject({ kind: 'crop', crop: { face: { others: 1 } } });
  });
});

describe('the end of a claim [TAF-5.3d]', () => {
  type Scene = ReturnType<typeof warm>;
  test.each<[ClaimEndReason, string, (scene: Scene) => void]>([
    ['face-lost', 'the face leaves', ({ step }) => step([two[1]!])],
    ['faces-crossed', 'another comes near', ({ step }) => {
      for (let x = 880; x >= 430; x -= 15) step([two[0]!, face(x, 300)]);
    }],
    ['doubtful-motion', 'the sighting may be of a neighbour', ({ step }) => step([face(470, 300), two[1]!])],
    ['source-changed', 'the picture changes its size', ({ tracker, claims, now }) => {
      const small = { width: 640, height: 360 };
      const tracks = tracker.update({ detections: [], timestampUs: now() + 1, display: small, searched: [] });
      claims.follow({ view: pictureOf([], now()), tracks, plan: () => ({ kind: 'whole', reason: 'settling' }) });
    }],
    ['source-changed', 'another source follows', ({ claims }) => { claims.reset(); }],
    ['released', 'the page says so', ({ claims }) => { claims.end('claim-1', 'released'); }],
    ['session-closed', 'everything stops', ({ claims }) => { claims.end(null, 'session-closed'); }],
  ])('%s: %s; told both ways, once, and no crop is made from then on', async (reason, _, happen) => {
    const scene = warm(two);
    const trackId = scene.ids[0] ?? 0;
    const { reply, heard } = scene.claim(trackId);
    await reply('wanted');
    // A crop is wanted all the time; without keypoints none is made before the doubt, so that one made of it would show.
    scene.step([face(400, 300, 100, { keypoints: [] }), two[1]!]);
    happen({ ...scene, step: (faces, more) => scene.step(faces.map((at, i) => (i === 0 && at === two[0] ? { ...at, keypoints: [] } : at)), more) });
    const cutsBefore = scene.cuts();
    for (let frame = 0; frame < 5; frame++) scene.step(two);
    await settle();
    expect(scene.ended).toEqual([{ claimId: 'claim-1', trackId, state: 'ended', reason }]);
    expect(heard).toEqual([{ kind: 'ended', claimId: 'claim-1', reason }]);
    expect(cutsBefore).toBe(0);
    expect(scene.cuts()).toBe(0);
  });

  test('comes from the features worker: another face, or its end of the port is gone', async () => {
    const { claim, step, ended, cuts } = warm(alone);
    const first = claim(null);
    await first.reply('wanted');
    await first.reply('doubt');
    const second = claim(null, 'claim-2');
    second.port.close();
    await settle();
    step(alone);
    expect(ended.map(({ claimId, reason }) => [claimId, reason])).toEqual([['claim-1', 'another-face'], ['claim-2', 'released']]);
    expect(cuts()).toBe(0);
  });

  test('lets the next claim begin; ending the old one once more does it no harm', () => {
    const { claim, claims, ended } = warm(alone);
    claim(null);
    claims.end('claim-1', 'released');
    claim(null, 'claim-2');
    claims.end('claim-1', 'released');
    expect(ended).toHaveLength(1);
  });
});
