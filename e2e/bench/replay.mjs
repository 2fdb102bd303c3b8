#!/usr/bin/env node
// node e2e/bench/replay.mjs [--clip main] [--slow 1] [--delay 0] [--visible 0.5] [--threshold 0.3] [--budget 18] [--every 1] [--list]
// Replays a clip through detection, tracking, look-ahead and plan in Node, on a clock of its own: every look costs a fixed
// time, `--slow` times that of the reference machine, and frames that come meanwhile are dropped as a camera would. Says how
// many known faces lie open and how much else is covered. With `--every 4` one frame in four comes, four times over so that each has its turn.
// The same on every machine.
import { readFileSync } from 'node:fs';
import { stdout } from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import sharp from 'sharp';
import { at } from '../../scripts/paths.mjs';

/** Milliseconds per look at 1280x720 on the reference machine (docs/decisions/0002-detector-engine.md) and of everything else. */
const COST_MS = { short: 3, full: 10, back: 13, 'back-tile': 20.6, others: 4 };
/** Share of the inner face (the middle 80 % of its box each way) that has to lie in regions. */
const COVERED = 0.95;
/** Faces are taken 1.6 times their size when the rest of the picture is asked for. */
const FACE_GROWTH = 1.6;

const { values: given } = parseArgs({
  options: {
    clip: { type: 'string', default: 'main' },
    slow: { type: 'string', default: '1' },
    delay: { type: 'string', default: '0' },
    visible: { type: 'string', default: '0.5' },
    threshold: { type: 'string', default: '0.3' },
    budget: { type: 'string', default: '18' },
    every: { type: 'string', default: '1' },
    list: { type: 'boolean', default: false },
  },
});
const number = (name) => {
  const value = Number(given[name]);
  if (!Number.isFinite(value)) throw new TypeError(`--${name} has to be a number, not ${given[name]}`);
  return value;
};
const [slow, delay, visible, threshold, budgetMs, every] = ['slow', 'delay', 'visible', 'threshold', 'budget', 'every'].map(number);
if (!Number.isInteger(every) || every < 1) throw new TypeError(`--every has to be a whole number from 1 on, not ${every}`);

const parts = await bundleParts();
const { clip, jpegs } = readClip(given.clip);
const display = { width: clip.width, height: clip.height };
let nowMs = 1000;
const settings = { budgetMs, maxAgeMs: 300, timeoutMs: 1e9, selfTestIntervalMs: 10_000, threshold };
const detector = await costlyDetector();
const sum = { frames: 0, wholes: 0, looks: 0, faceFrames: 0, open: [], away: 0, awayCovered: 0, latencies: [] };

for (let first = 0; first < every; first++) await replay(first);
report();

async function replay(first) {
  const finder = parts.createFaceFinder({ detector, settings, now: () => nowMs });
  await finder.selfTest();
  const startMs = nowMs;
  const tracker = parts.createFaceTracker({ holdMs: 1500, margin: 1 });
  const lookAhead = parts.createLookAhead(delay);
  /** The frame of the clip that the camera shows now. */
  const shown = () => first + every * Math.floor(((nowMs - startMs) * clip.fps) / 1000 / every);
  for (let index = first; index < jpegs.length; index = Math.max(index + every, shown())) {
    nowMs = Math.max(nowMs, startMs + ((index - first) * 1000) / clip.fps);
    const arrivedMs = nowMs;
    const timestampUs = Math.round((index * 1e6) / clip.fps);
    const found = await finder.find(await pixelsOf(jpegs[index]), { timestampUs, durationUs: null, display });
    const searched = found.looks.map((look) => ({ model: parts.eyeOf(look), window: look.window }));
    const tracks = tracker.update({ detections: found.detections, searched, cut: found.sceneChanged, cameraMotion: found.cameraMotion, timestampUs, display });
    sum.looks += found.looks.length;
    for (const { item, tracks: known } of lookAhead.push({ item: { index, status: parts.detectionStatusOf(found), tracksTrusted: tracker.trusted }, timestampUs, display, tracks })) {
      score(item.index, planOf(item, known));
    }
    nowMs += COST_MS.others;
    sum.latencies.push(nowMs - arrivedMs);
  }
}

function planOf({ status, tracksTrusted }, tracks) {
  const policy = { maxAgeMs: settings.maxAgeMs, margin: parts.DEFAULT_MARGIN };
  return parts.planRedaction({ tracks, tracksTrusted, detection: status, display, policy, paused: false });
}

function score(index, plan) {
  sum.frames += 1;
  if (plan.kind === 'whole') {
    sum.wholes += 1;
    return;
  }
  const boxes = plan.regions.map(({ box }) => box);
  const faces = clip.faces[index];
  for (const face of faces.filter((known) => known.visible >= visible)) {
    sum.faceFrames += 1;
    const inner = points(parts.grow(face, 0.8), 24);
    const share = inner.filter((point) => boxes.some((box) => holds(box, point))).length / inner.length;
    if (share < COVERED) sum.open.push({ frame: index, face: face.id, width: Math.round(face.width), height: Math.round(face.height), share });
  }
  const grown = faces.map((face) => parts.grow(face, FACE_GROWTH));
  const away = points({ x: 0, y: 0, ...display }, 40).filter((point) => !grown.some((box) => holds(box, point)));
  sum.away += away.length;
  sum.awayCovered += away.filter((point) => boxes.some((box) => holds(box, point))).length;
}

function report() {
  const sorted = sum.latencies.sort((a, b) => a - b);
  const percent = (part, whole) => `${((100 * part) / Math.max(1, whole)).toFixed(2)} %`;
  const lines = [
    `${given.clip}, ${slow} times as slow, ${delay} frames of look-ahead, threshold ${threshold}${every === 1 ? '' : `, one frame in ${every}`}`,
    `  frames ${sum.frames} of ${jpegs.length}, covered whole ${sum.wholes}, looks a frame ${(sum.looks / sum.frames).toFixed(2)}`,
    `  latency p50 ${sorted[Math.floor(sorted.length * 0.5)].toFixed(1)} ms, p95 ${sorted[Math.floor(sorted.length * 0.95)].toFixed(1)} ms`,
    `  faces open ${sum.open.length} of ${sum.faceFrames} (${percent(sum.open.length, sum.faceFrames)}), at least ${visible} visible`,
    `  away from faces covered ${percent(sum.awayCovered, sum.away)}`,
    ...(given.list ? sum.open.map((open) => `  open: ${JSON.stringify(open)}`) : []),
  ];
  stdout.write(`${lines.join('\n')}\n`);
}

async function costlyDetector() {
  const file = (name) => new Uint8Array(readFileSync(at('models', 'ready', name))).buffer;
  const models = { short: file('blazeface-short.onnx'), full: file('blazeface-full.onnx'), back: file('blazeface-back.onnx') };
  const detector = await parts.createOnnxDetector({ runtimeWasm: file('ort-wasm-simd-threaded.wasm'), models, threshold });
  return {
    engine: detector.engine,
    looksFor: (size, effort) => detector.looksFor(size, effort),
    async detect(pixels, look) {
      const faces = await detector.detect(pixels, look);
      nowMs += COST_MS[parts.eyeOf(look)] * slow;
      return faces;
    },
    close: () => detector.close(),
  };
}

async function pixelsOf(jpeg) {
  const data = await sharp(jpeg).ensureAlpha().raw().toBuffer();
  const { planes } = parts.planesOf('RGBX', display);
  const colour = { matrix: 'bt709', fullRange: true };
  return { ...display, format: 'RGBX', data: new Uint8Array(data), planes, colour, orientation: { rotation: 0, flip: false }, display };
}

function readClip(name) {
  const bytes = readFileSync(at('.cache', 'clips', `${name}.mjpeg`));
  const jpegs = [];
  for (let start = 0; start < bytes.length; ) {
    // In entropy-coded data 0xff is followed by 0x00, so the first end marker is the end.
    const end = bytes.indexOf(Buffer.from([0xff, 0xd9]), start);
    if (end < 0) break;
    jpegs.push(bytes.subarray(start, end + 2));
    start = end + 2;
  }
  return { clip: JSON.parse(readFileSync(at('.cache', 'clips', `${name}.json`), 'utf8')), jpegs };
}

function points({ x, y, width, height }, side) {
  return Array.from({ length: side * side }, (_, i) => ({ x: x + ((i % side) + 0.5) * (width / side), y: y + (Math.floor(i / side) + 0.5) * (height / side) }));
}

function holds(box, point) {
  return point.x >= box.x && point.y >= box.y && point.x < box.x + box.width && point.y < box.y + box.height;
}

async function bundleParts() {
  const names = {
    'video/detection/onnx-detector': 'createOnnxDetector',
    'video/detection/face-finder': 'createFaceFinder',
    'video/detection/face-detector': 'eyeOf',
    'video/tracking/face-tracker': 'createFaceTracker',
    'video/detection-status': 'detectionStatusOf',
    'video/look-ahead': 'createLookAhead',
    'video/redaction/plan': 'planRedaction, DEFAULT_MARGIN',
    'core/pixels': 'planesOf',
    'core/geometry': 'grow',
  };
  const entry = 'virtual:replay';
  const code = Object.entries(names).map(([file, exported]) => `export { ${exported} } from ${JSON.stringify(at('src', `${file}.ts`))};`).join('\n');
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    cwd: at(),
    plugins: [{ name: 'replay', resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? code : null) }],
    onLog: () => undefined,
  });
  const file = at('.cache', 'replay', 'parts.mjs');
  await bundle.write({ file, format: 'es', codeSplitting: false });
  await bundle.close();
  return import(pathToFileURL(file).href);
}
