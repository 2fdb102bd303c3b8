import type { Engine } from '../assets/locations.ts';
import type { EngineChoice } from './choose-engine.ts';
import { assertOwnOrigin, type LoadProgress } from '../assets/load-assets.ts';
import { ONNX_FILES, onnxUrlOf } from '../assets/onnx-locations.ts';
import { checkOptions, integerBetween, isObject, matching, numberBetween, oneOf, urlHere, type OptionRule } from '../core/options.ts';
import type { PipelineSettings } from '../core/protocol.ts';
import { REDACTION_METHODS, type RedactionMethod, type RedactionStyle } from '../core/redaction.ts';
import { indicatorOf } from '../core/visible-indicator.ts';
import type { BautaIndicator } from '../elements/indicator.ts';
import { ADAPTER_CHOICES, type AdapterChoice } from '../video/camera/adapters.ts';
import type { SourceOptions } from '../video/camera/frame-source.ts';
import type { ConsentGrant } from '../governance/consent/grant.ts';
import type { Initiator } from '../governance/consent/throttle.ts';

/** How regions look and how generous they are. */
export interface RedactionOptions {
  /** Default `frost`. `blur` and `pixelate` leak, see `REDACTION_METHODS`. */
  readonly method?: RedactionMethod;
  /**
   * 0 to 1: grain of `frost` (default 0.5), coarseness of `blur` and `pixelate` (default 1, which leaks least). No value makes a
   * cover see-through.
   */
  readonly strength?: number;
  /** Regions grow by this factor, 1 to 3, default 1. The default already covers hair line to chin and ear to ear. */
  readonly margin?: number;
}

/** When and how faces are searched. */
export interface DetectionOptions {
  /**
   * Default `onnx`. `onnx-webgpu` runs the same models and the covers on the GPU, and fails with ERR_UNSUPPORTED where
   * there is none; `auto` takes it where there is a GPU and each part of it only where it proves right and faster, else
   * `onnx`. See docs/decisions.
   */
  readonly engine?: EngineChoice;
  /** Milliseconds that detection may take in a thirtieth of a second, default 18; a look that is due runs all the same. */
  readonly budgetMs?: number;
  /** A picture not searched for this many milliseconds is covered whole, 50 to 2000, default 300. */
  readonly maxAgeMs?: number;
  /** A detector silent for this many milliseconds has failed, 200 to 30000, default 3000. */
  readonly timeoutMs?: number;
  /** Milliseconds between self-tests, 1000 to 600000, default 10000. */
  readonly selfTestIntervalMs?: number;
  /** Confidence from which a face is covered, 0.05 to 0.9, default 0.3; lower covers more. */
  readonly threshold?: number;
}

/** How faces are followed. */
export interface TrackingOptions {
  /** A face no longer seen stays covered for this many milliseconds, 200 to 10000, default 1500. */
  readonly holdMs?: number;
  /** Frames held back so that a face found now is covered in the frames before, too; 0 to 30, default 0. */
  readonly delayFrames?: number;
}

/** Where models and worker come from. Always the page's own origin. */
export interface AssetOptions {
  /** Folder that holds all model and runtime files; default: beside the library. */
  readonly baseUrl?: string;
  /** Makes the worker, for bundlers or policies that need it; the script must be that of the engine in `bauta/workers/*`. */
  readonly createWorker?: (engine: Engine) => Worker;
}

/** What every way of opening Bauta understands. */
export interface EngineOptions {
  readonly grant: ConsentGrant;
  readonly redaction?: RedactionOptions;
  readonly detection?: DetectionOptions;
  readonly assets?: AssetOptions;
  /** Ends the session, also while it is starting. */
  readonly signal?: AbortSignal;
  /** Bytes loaded so far while models and runtime arrive. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** Who starts it. */
export interface StartOptions {
  /**
   * `user`: the person starts the function by an act of their own (a click on "start camera"), after which the camera may
   * be asked for even if it was refused within the last 48 hours (TAF-5.1d); needs transient activation. Default `app`.
   */
  readonly initiatedBy?: Initiator;
}

/** Options of `openRedactionSession`. */
export interface SessionOptions extends EngineOptions, StartOptions {
  readonly source: SourceOptions;
  /**
   * A mounted `<bauta-indicator>`, which has to be seen from before the first frame to the end (TAF-5.1f). Required for a
   * camera, a track, and an element that plays a stream.
   */
  readonly indicator?: BautaIndicator;
  readonly tracking?: TrackingOptions;
  /** Default `auto`: by feature detection. */
  readonly adapter?: AdapterChoice;
}

/** Options of `openPictureRedactor`. */
export interface PictureOptions extends EngineOptions, StartOptions {}

const ENGINE_CHOICES: readonly EngineChoice[] = ['onnx', 'onnx-webgpu', 'mediapipe', 'auto'];

const aFunction = matching('a function', (value) => typeof value === 'function');
const anObject = matching('an object', isObject);
const signal = matching('an AbortSignal', (value) => value instanceof AbortSignal);
const indicator = matching('a <bauta-indicator> as defineIndicator() registers it', (value) => indicatorOf(value) !== null);
const initiatedBy = oneOf(['app', 'user']);

const engineRules = { grant: matching('a ConsentGrant', (value) => value !== undefined), redaction: anObject, detection: anObject, assets: anObject, signal, onProgress: aFunction };

/** Checks everything an app hands in before anything is asked, loaded or opened. @throws TypeError. */
export function checkSessionOptions(options: unknown): asserts options is SessionOptions {
  checkOptions<SessionOptions>(
    'openRedactionSession',
    options,
    { ...engineRules, source: anObject, tracking: anObject, adapter: oneOf(ADAPTER_CHOICES), indicator, initiatedBy },
    ['grant', 'source'],
  );
  checkEngineGroups('openRedactionSession', options);
  checkOptions<TrackingOptions>('openRedactionSession.tracking', options.tracking ?? {}, {
    holdMs: numberBetween(200, 10_000),
    delayFrames: integerBetween(0, 30),
  });
  checkSource('openRedactionSession.source', options.source);
}

/** Checks what goes with a change of source. @throws TypeError. */
export function checkStart(owner: string, start: unknown): asserts start is StartOptions {
  checkOptions<StartOptions>(owner, start, { initiatedBy });
}

/** The same for the picture redactor. @throws TypeError. */
export function checkPictureOptions(options: unknown): asserts options is PictureOptions {
  checkOptions<PictureOptions>('openPictureRedactor', options, { ...engineRules, initiatedBy }, ['grant']);
  checkEngineGroups('openPictureRedactor', options);
}

/** Checks the `redaction` group. @throws TypeError. */
export function checkRedaction(owner: string, redaction: unknown): asserts redaction is RedactionOptions {
  checkOptions<RedactionOptions>(owner, redaction, {
    method: oneOf(REDACTION_METHODS),
    strength: numberBetween(0, 1),
    margin: numberBetween(1, 3),
  });
}

function checkEngineGroups(owner: string, options: EngineOptions): void {
  checkRedaction(`${owner}.redaction`, options.redaction ?? {});
  checkOptions<DetectionOptions>(`${owner}.detection`, options.detection ?? {}, {
    engine: oneOf(ENGINE_CHOICES),
    budgetMs: numberBetween(1, 1000),
    maxAgeMs: numberBetween(50, 2000),
    timeoutMs: numberBetween(200, 30_000),
    selfTestIntervalMs: numberBetween(1000, 600_000),
    threshold: numberBetween(0.05, 0.9),
  });
  checkOptions<AssetOptions>(`${owner}.assets`, options.assets ?? {}, {
    baseUrl: urlHere,
    createWorker: aFunction,
  });
  // Loading would refuse it, too, but beside the question for the camera. All files lie in one place, whatever the engine.
  assertOwnOrigin(ONNX_FILES[0], onnxUrlOf(ONNX_FILES[0], options.assets?.baseUrl), location.origin);
}

/** Checks a `source` group. @throws TypeError. */
export function checkSource(owner: string, source: unknown): asserts source is SourceOptions {
  if (!isObject(source)) throw new TypeError(`${owner} must be an object { kind, … }.`);
  const kind = oneOf(['camera', 'track', 'element', 'file']);
  const rules: Record<string, [Record<string, OptionRule>, string[]]> = {
    camera: [{ kind, constraints: anObject }, ['kind']],
    track: [
      { kind, track: matching('a video MediaStreamTrack', (v) => v instanceof MediaStreamTrack && v.kind === 'video') },
      ['kind', 'track'],
    ],
    element: [{ kind, element: matching('an HTMLVideoElement', (v) => v instanceof HTMLVideoElement) }, ['kind', 'element']],
    file: [
      { kind, file: matching('a Blob or File', (v) => v instanceof Blob), loop: matching('true or false', (v) => typeof v === 'boolean') },
      ['kind', 'file'],
    ],
  };
  const rule = typeof source['kind'] === 'string' && Object.hasOwn(rules, source['kind']) ? rules[source['kind']] : undefined;
  if (rule === undefined) throw new TypeError(`${owner}.kind must be ${kind(undefined) ?? ''}, got ${String(source['kind'])}.`);
  checkOptions<Record<string, unknown>>(owner, source, rule[0], rule[1]);
}

/** What leaks, leaks least at 1 (docs/results.md). */
const DEFAULT_STRENGTH: Readonly<Record<RedactionMethod, number>> = { frost: 0.5, solid: 0.5, blur: 1, pixelate: 1 };

/** The defaults, applied after the checks. */
export function styleOf(redaction: RedactionOptions = {}): RedactionStyle {
  const { method = 'frost' } = redaction;
  return { method, strength: redaction.strength ?? DEFAULT_STRENGTH[method] };
}

/** What the worker is told, with every default filled in. */
export function pipelineSettings(options: EngineOptions & { readonly tracking?: TrackingOptions }): PipelineSettings {
  const { detection = {}, tracking = {}, redaction = {} } = options;
  return {
    style: styleOf(redaction),
    tracking: { holdMs: tracking.holdMs ?? 1500, margin: redaction.margin ?? 1 },
    detection: {
      budgetMs: detection.budgetMs ?? 18,
      maxAgeMs: detection.maxAgeMs ?? 300,
      timeoutMs: detection.timeoutMs ?? 3000,
      selfTestIntervalMs: detection.selfTestIntervalMs ?? 10_000,
      threshold: detection.threshold ?? 0.3,
      ...(detection.engine === 'auto' ? { webGpu: 'if-faster' } : {}),
    },
    delayFrames: tracking.delayFrames ?? 0,
    compositor: 'auto',
  };
}
