import { checkOptions, integerBetween, matching, oneOf, type OptionRules } from '../core/options.ts';
import { RECORDING_CONTAINERS, type RecordingContainer } from '../core/recording.ts';
import type { ConsentGrant } from '../governance/consent/grant.ts';
import { isSoundPolicy, type SoundPolicy, type SoundToRecord } from './recorded-sound.ts';

/** What every function of `bauta/recording` understands. */
export interface RecordingBaseOptions {
  /** For `redacted-recording`. */
  readonly grant: ConsentGrant;
  /** IndexedDB database of the recordings; default `bauta-recordings`. */
  readonly databaseName?: string;
  /** IndexedDB database of the sealed originals, which go with their recording; default `bauta-originals`. */
  readonly originalsDatabase?: string;
  /** Makes the recording worker, for bundlers or policies that need it: `bauta/workers/recording.worker.js`. */
  readonly createWorker?: () => Worker;
}

/** How a file is made. */
export interface MediaOptions {
  /** Default `auto`: WebM where the browser encodes it, else MP4. */
  readonly container?: 'auto' | RecordingContainer;
  /** Bits per second, 100000 to 50000000; default by the size of the picture. */
  readonly bitrate?: number;
}

/** Options of `openRecording`. */
export interface RecordingOptions extends RecordingBaseOptions, MediaOptions {
  /** What becomes of sound; default `drop`. Where consent to it ends, sound ends and is erased, and the picture goes on. */
  readonly audio?: SoundPolicy<SoundToRecord>;
  /** Stops the recording, in order; also while it is starting. */
  readonly signal?: AbortSignal;
}

/** Options of `openRecordings`. */
export type RecordingsOptions = RecordingBaseOptions;

const databaseName = matching('a name of 1 to 100 characters', (value) => typeof value === 'string' && value.length > 0 && value.length <= 100);
const signal = matching('an AbortSignal', (value) => value instanceof AbortSignal);
const createWorker = matching('a function', (value) => typeof value === 'function');
const audio = matching("'drop' or { track, grant }", (value) => isSoundPolicy(value, ['track', 'grant']));
const grant = matching('a ConsentGrant', (value) => value !== undefined);

const base: OptionRules<RecordingBaseOptions> = { grant, databaseName, originalsDatabase: databaseName, createWorker };

/** @internal */
export const mediaRules: OptionRules<MediaOptions> = {
  container: oneOf(['auto', ...RECORDING_CONTAINERS]),
  bitrate: integerBetween(100_000, 50_000_000),
};

/** @internal @throws TypeError. */
export function checkRecordingOptions(options: unknown): asserts options is RecordingOptions {
  checkOptions<RecordingOptions>('openRecording', options, { ...base, ...mediaRules, signal, audio }, ['grant']);
}

/** @internal @throws TypeError. */
export function checkRecordingsOptions(options: unknown): asserts options is RecordingsOptions {
  checkOptions<RecordingsOptions>('openRecordings', options, base, ['grant']);
}

/** @internal In order of preference. */
export function containersOf({ container = 'auto' }: MediaOptions): readonly RecordingContainer[] {
  return container === 'auto' ? RECORDING_CONTAINERS : [container];
}
