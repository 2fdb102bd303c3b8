import { FacePrivacyError } from '../core/errors.ts';
import { checkOptions, integerBetween, matching, oneOf, type OptionRules } from '../core/options.ts';
import { RECORDING_CONTAINERS, type RecordingContainer } from '../core/recording.ts';
import type { ConsentGrant } from '../governance/consent/grant.ts';

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
  /**
   * Default and only choice `drop`: a voice tells who somebody is as a face does, and no purpose of the library covers it. `keep` is refused with
   * ERR_CONSENT_PURPOSE.
   */
  readonly audio?: 'drop' | 'keep';
}

/** Options of `openRecording`. */
export interface RecordingOptions extends RecordingBaseOptions, MediaOptions {
  /** Stops the recording, in order; also while it is starting. */
  readonly signal?: AbortSignal;
}

/** Options of `openRecordings`. */
export type RecordingsOptions = RecordingBaseOptions;

const databaseName = matching('a name of 1 to 100 characters', (value) => typeof value === 'string' && value.length > 0 && value.length <= 100);
const signal = matching('an AbortSignal', (value) => value instanceof AbortSignal);
const createWorker = matching('a function', (value) => typeof value === 'function');
const grant = matching('a ConsentGrant', (value) => value !== undefined);

const base: OptionRules<RecordingBaseOptions> = { grant, databaseName, originalsDatabase: databaseName, createWorker };

/** @internal */
export const mediaRules: OptionRules<MediaOptions> = {
  container: oneOf(['auto', ...RECORDING_CONTAINERS]),
  bitrate: integerBetween(100_000, 50_000_000),
  audio: oneOf(['drop', 'keep']),
};

/** @internal @throws TypeError. */
export function checkRecordingOptions(options: unknown): asserts options is RecordingOptions {
  checkOptions<RecordingOptions>('openRecording', options, { ...base, ...mediaRules, signal }, ['grant']);
}

/** @internal @throws TypeError. */
export function checkRecordingsOptions(options: unknown): asserts options is RecordingsOptions {
  checkOptions<RecordingsOptions>('openRecordings', options, base, ['grant']);
}

/** @internal @throws FacePrivacyError ERR_CONSENT_PURPOSE when sound is asked for. */
export function assertNoSound(operation: string, { audio = 'drop' }: MediaOptions): void {
  if (audio === 'drop') return;
  throw new FacePrivacyError('ERR_CONSENT_PURPOSE', `${operation}: sound is not kept. A voice identifies a person; no purpose of the notice asks for it, so no grant can allow it. Leave out 'audio'.`, {
    details: { operation, field: 'audio' },
  });
}

/** @internal In order of preference. */
export function containersOf({ container = 'auto' }: MediaOptions): readonly RecordingContainer[] {
  return container === 'auto' ? RECORDING_CONTAINERS : [container];
}
