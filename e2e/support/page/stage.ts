import type { ConsentGrant, Engine, Purpose, RedactionSession, SessionEvents, SessionOptions } from 'bauta';
import { Actors } from './actors.ts';
import { likeness, type ShownCrop } from './crop-likeness.ts';
import { claimed, facesToldBy } from './claims.ts';
import { ClipTrack } from './clip-track.ts';
import { Clip } from './clip.ts';
import { judge, type Verdict } from './judge.ts';
import { lumaOfFrame, lumaOfImage } from './luma.ts';
import { isFlatPerRow, measure, turned } from './measure.ts';
import { FedTrack, frameOf, photoAt } from './pictures.ts';
import { real } from './real.ts';
import type { Recorder } from './recorder.ts';
import { installSpies } from './spies.ts';

/** An event of a session, without what cannot be sent out of the page. */
export interface LoggedEvent {
  readonly type: keyof SessionEvents;
  readonly code: string | null;
  readonly detail: unknown;
}

/** How an error looks from outside. */
export interface SeenError {
  readonly name: string;
  readonly code: string | null;
  readonly message: string;
  readonly details: unknown;
}

/** What a test worker is told through its name; see workers/test-worker.ts. */
export type WorkerOrder = Readonly<Record<string, string | number>>;

/** A session with everything that watches it. */
export interface Watched {
  readonly session: RedactionSession;
  readonly recorder: Recorder;
  readonly events: LoggedEvent[];
  /** The worker, to be told to misbehave or to be killed. */
  readonly worker: Worker;
  /** Resolves with the cause when the session has closed. */
  readonly closed: Promise<string | null>;
}

type OpenOptions = Partial<SessionOptions> & {
  /** A test worker with this order instead of the built one. */
  readonly order?: WorkerOrder;
  /** Serve the worker without its policy header. */
  readonly withoutPolicy?: boolean;
};

const EVENT_TYPES: readonly (keyof SessionEvents)[] = ['state', 'capture', 'faces', 'stats', 'error', 'incident', 'self-test'];
const CAMERA = { kind: 'camera', constraints: { width: 1280, height: 720, frameRate: 30 } } as const;

const spied = installSpies();
const bauta = (await import('bauta'));
// By its address, so that it is not bundled: it imports the library, which has to come after the spies.
const consentAddress: string = '/consent.mjs';
const consent = (await import(consentAddress)) as typeof import('./consent.mjs');
const { grantFrom, mountIndicator, openLedger } = consent;
const featuresAddress: string = 'bauta/features';
/** Loaded by the tests that need it: whoever covers faces loads no recognition. */
const loadFeatures = (): Promise<typeof import('bauta/features')> => import(featuresAddress) as Promise<typeof import('bauta/features')>;

/** Where most tests have their grants from. */
const ledger = await openLedger({ inBackground: 'continue' });
const indicator = mountIndicator();

/** A live grant of a person who said yes to everything. */
function grant(purposes: Purpose | readonly Purpose[] = 'live-redacted-view'): Promise<ConsentGrant> {
  return grantFrom(ledger, purposes);
}

/** A person's act, which the browser counts as one for five seconds. Tabs without Playwright's hands bring their own. */
async function act(): Promise<void> {
  const { personActs } = globalThis as { readonly personActs?: () => Promise<void> };
  await personActs?.();
}

function testWorker(order: WorkerOrder, withoutPolicy = false): Worker {
  const name = new URLSearchParams(Object.entries(order).map(([key, value]) => [key, String(value)])).toString();
  return new Worker(withoutPolicy ? '/stage/bare-test.js' : '/stage/redaction-test.worker.js', { type: 'module', name });
}

/** A features worker that shows the page each crop that its embedder is given, and what it showed; see workers/features-test-worker.ts. */
function featuresTestWorker(): { readonly createWorker: () => Worker; readonly crops: ShownCrop[] } {
  const crops: ShownCrop[] = [];
  const createWorker = (): Worker => {
    const worker = new Worker('/stage/features-test.worker.js', { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<{ embedded?: ShownCrop } | null>) => {
      if (data?.embedded !== undefined) crops.push(data.embedded);
    });
    return worker;
  };
  return { createWorker, crops };
}

/** Options with the defaults of the tests: a grant, the camera with the clip, and the worker that is asked for. */
async function optionsOf({ order, withoutPolicy = false, ...options }: OpenOptions): Promise<SessionOptions> {
  const createWorker =
    order !== undefined ? () => testWorker(order, withoutPolicy) : withoutPolicy ? () => new Worker('/stage/bare-onnx.js', { type: 'module' }) : undefined;
  return {
    grant: options.grant ?? (await grant()),
    source: CAMERA,
    indicator,
    ...options,
    ...(createWorker === undefined ? {} : { assets: { createWorker, ...options.assets } }),
  };
}

/** Chromium's fake camera, opened just after it was closed, now and then gives a frame or none and then no more: then it is opened anew. */
async function flows(session: RedactionSession, recorder: Recorder): Promise<boolean> {
  const endMs = performance.now() + 8000;
  while (session.state !== 'closed' && !recorder.ended && recorder.count < 3 && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 10));
  return recorder.count >= 3 || recorder.ended || session.state === 'closed';
}

async function open(given: OpenOptions = {}): Promise<Watched> {
  const options = await optionsOf(given);
  const { createWorker } = options.assets ?? {};
  let own: Worker | undefined;
  const watched = createWorker && { assets: { ...options.assets, createWorker: (engine: Engine) => (own = createWorker(engine)) } };
  await act();
  const session = await bauta.openRedactionSession({ ...options, ...watched });
  const recorder = spied.recorders.get(session.track);
  const worker = own ?? spied.workers.at(-1);
  if (recorder === undefined || worker === undefined) throw new Error('the spies missed the output track or the worker');
  const events: LoggedEvent[] = [];
  for (const type of EVENT_TYPES) {
    session.addEventListener(type, ({ detail }) => {
      events.push({ type, code: (detail as { code?: string } | null)?.code ?? null, detail: plain(detail) });
    });
  }
  const closed = new Promise<string | null>((resolve) => {
    session.addEventListener('state', ({ detail }) => {
      if (detail.state === 'closed') resolve(detail.cause?.code ?? null);
    });
  });
  if (options.source === CAMERA && !(await flows(session, recorder))) {
    await session.close();
    return open(given);
  }
  return { session, recorder, events, worker, closed };
}

function plain(value: unknown): unknown {
  return value instanceof Error ? seen(value) : (JSON.parse(JSON.stringify(value)) as unknown);
}

function seen(error: unknown): SeenError {
  const { name = 'unknown', code = null, message = String(error), details = null } = error as Partial<SeenError>;
  return { name, code: typeof code === 'string' ? code : null, message, details };
}

/** Runs `work`, which must fail, and answers how. */
async function failure(work: () => unknown): Promise<SeenError> {
  try {
    await work();
  } catch (error) {
    return seen(error);
  }
  throw new Error('expected a failure, but nothing failed');
}

/** Waits for a condition; the time limit only ends a test that has failed already. */
async function until(condition: () => boolean, what: string, limitMs = 20_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What is left of everything that was started; all must be over. */
function leftovers(): { camerasLive: number; outputsLive: number } {
  const live = (tracks: Iterable<MediaStreamTrack>): number => [...tracks].filter(({ readyState }) => readyState === 'live').length;
  return { camerasLive: live(spied.cameraTracks), outputsLive: live(spied.recorders.keys()) };
}

const clips = new Map<string, Promise<Clip>>();

function clip(name = 'main'): Promise<Clip> {
  const known = clips.get(name) ?? Clip.load(name);
  clips.set(name, known);
  return known;
}

/** @param played as for `judge`. */
async function judged({ recorder }: Watched, from = 0, played?: number): Promise<Verdict> {
  return judge(recorder.frames.slice(from), await clip(), played);
}

/** What the specs see as `window.stage`. */
export const stage = {
  bauta, spied, real, consent, ledger, indicator, grant, act, optionsOf, open, testWorker, seen, failure, until, leftovers, clip, judge, judged,
  loadFeatures, featuresTestWorker, likeness, Actors, claimed, facesToldBy,
  lumaOfFrame, lumaOfImage, isFlatPerRow, turned, measure, FedTrack, ClipTrack, frameOf, photoAt,
};

/** Type of `window.stage`. */
export type Stage = typeof stage;

(globalThis as unknown as { stage: Stage }).stage = stage;
