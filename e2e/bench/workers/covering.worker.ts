/** Times reading and covering of frames held in memory: no camera, no detector. Answers one message. */
import type { RedactionMethod, RedactionPlan } from '../../../src/core/redaction.ts';
import { readFrame } from '../../../src/video/frame/read-frame.ts';
import { createFrameSampler } from '../../../src/video/frame/frame-sampler.ts';
import { createPlanarCompositor } from '../../../src/video/redaction/planar-compositor.ts';
import { planRedaction, DEFAULT_MARGIN } from '../../../src/video/redaction/plan.ts';
import type { FaceTrack } from '../../../src/core/faces.ts';
import { frameOf, readClip } from '../page/clip-frames.mjs';

interface Request {
  readonly clip: string;
  readonly frames: number;
  readonly rounds: number;
  readonly methods: readonly RedactionMethod[];
}

interface KnownFace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const scope = globalThis as unknown as { onmessage: ((event: MessageEvent<Request>) => void) | null; postMessage(data: unknown): void };

scope.onmessage = ({ data }) => {
  measure(data).then(
    (samples) => {
      scope.postMessage(samples);
    },
    (error: unknown) => {
      scope.postMessage({ error: String(error) });
    },
  );
};

async function measure({ clip, frames, rounds, methods }: Request): Promise<unknown> {
  const pictures = await readClip(`/clips/${clip}.mjpeg`, frames);
  const truth = (await (await fetch(`/clips/${clip}.json`)).json()) as { faces: KnownFace[][] };
  const copy: number[] = [];
  const read: number[] = [];
  const compose: Partial<Record<RedactionMethod, number[]>> = {};
  const covered: number[] = [];
  const sampler = createFrameSampler();
  const compositor = createPlanarCompositor();
  for (let round = 0; round < rounds; round++) {
    for (const [i, picture] of pictures.entries()) {
      const timestampUs = (round * pictures.length + i) * 33_333;
      copy.push(await timeCopy(frameOf(picture, timestampUs)));
      for (const method of methods) {
        const plan = planOf(truth.faces[i] ?? [], picture);
        if (plan.kind !== 'regions') throw new Error(`the plan for frame ${i} of ${clip} is not one of regions: ${plan.reason}`);
        const frame = frameOf(picture, timestampUs);
        const before = performance.now();
        const view = await readFrame(frame, sampler);
        const between = performance.now();
        const redacted = await compositor.compose(view, plan, { method, strength: 0.5 });
        const after = performance.now();
        redacted.close();
        read.push(between - before);
        (compose[method] ??= []).push(after - between);
        covered.push(plan.regions.reduce((sum, { box }) => sum + box.width * box.height, 0) / (picture.width * picture.height));
      }
    }
  }
  compositor.close();
  return { copy, read, compose, coveredShare: covered.reduce((a, b) => a + b, 0) / covered.length, faces: truth.faces[0]?.length ?? 0 };
}

/** The least that any redaction does: planes into memory of one's own, that memory into a new frame. */
async function timeCopy(frame: VideoFrame): Promise<number> {
  const before = performance.now();
  const { timestamp, codedWidth, codedHeight } = frame;
  const data = new Uint8Array(frame.allocationSize());
  const layout = await frame.copyTo(data);
  frame.close();
  const init: VideoFrameBufferInit & { transfer: ArrayBuffer[] } = { format: 'I420', timestamp, codedWidth, codedHeight, layout, transfer: [data.buffer] };
  const made = new VideoFrame(data, init);
  const after = performance.now();
  made.close();
  return after - before;
}

/** What the plan makes of faces whose boxes are known exactly. The clips know whole heads, a detector's box is smaller. */
function planOf(faces: readonly KnownFace[], { width, height }: { width: number; height: number }): RedactionPlan {
  const tracks = faces.map<FaceTrack>((face, i) => ({
    trackId: i + 1,
    state: 'confirmed',
    box: { x: face.x + face.width * 0.1, y: face.y + face.height * 0.2, width: face.width * 0.8, height: face.height * 0.75 },
    velocity: { x: 0, y: 0 },
    confidence: 1,
    lastSeenUs: 0,
    uncertaintyPx: 0,
  }));
  return planRedaction({
    tracks,
    tracksTrusted: true,
    detection: { healthy: true, steady: true, oldestWholeLookAgeMs: 0, settled: true, newBorder: [] },
    display: { width, height },
    policy: { maxAgeMs: 300, margin: DEFAULT_MARGIN },
    paused: false,
  });
}
