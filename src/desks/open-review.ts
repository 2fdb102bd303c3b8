import { unmaskWorkerUrl } from '../assets/review-locations.ts';
import { asFacePrivacyError, FacePrivacyError } from '../core/errors.ts';
import { checkOptions, integerBetween, isObject, matching } from '../core/options.ts';
import { ConsentLedger } from '../governance/consent/ledger.ts';
import { KeptOriginals } from '../recordings/kept-originals.ts';
import { ReviewDesk } from '../review/review-desk.ts';
import type { ReviewSetup, ReviewTrust, TrustedKeyInput } from '../review/protocol.ts';
import { SweepTimer } from '../recordings/sweep-timer.ts';
import { ORIGINALS_DATABASE } from '../vault/originals-store.ts';
import { RECORDINGS_DATABASE, RecordingStore } from '../vault/recording-store.ts';
import { REVIEW_DATABASE } from '../vault/review-store.ts';

/** Options of {@link openReview}. */
export interface ReviewOptions {
  /** The ledger of this browser: its notice, its records, its audit log. Borrowed; it has to stay open. */
  readonly ledger: ConsentLedger;
  /** Whose word counts. */
  readonly trust: ReviewTrust;
  /** IndexedDB database of what is added in reviews; default `bauta-review`. */
  readonly databaseName?: string;
  /** Database of the recordings; default `bauta-recordings`. */
  readonly recordingsDatabase?: string;
  /** Database of the sealed originals; default `bauta-originals`. */
  readonly originalsDatabase?: string;
  /** Makes the worker, for bundlers or policies that need it: `bauta/workers/unmask.worker.js`. */
  readonly createWorker?: () => Worker;
  /** Gives up opening, and closes the desk later. */
  readonly signal?: AbortSignal;
}

const KINDS: readonly unknown[] = ['staff', 'work-order', 'unmask-request', 'unmask-decision'];
const name = matching('a name of 1 to 100 characters', (value) => typeof value === 'string' && value.length > 0 && value.length <= 100);

/**
 * Opens staff review on this device (TAF-5.3b, TAF-5.3c). What is due is erased before anything is shown. Judging, keys and drawing are a worker's,
 * which reads consent, statements and clock itself and shuts its network. It goes by the notice that is in force now: after `setNotice`, open it anew.
 * @throws TypeError for a bad option; FacePrivacyError ERR_WORKER_*, ERR_STORAGE_FAILED, ERR_CONSENT_NOTICE, ERR_ABORTED.
 */
export async function openReview(options: ReviewOptions): Promise<ReviewDesk> {
  checkOptions<ReviewOptions>(
    'openReview',
    options,
    {
      ledger: matching('a ConsentLedger', (value) => value instanceof ConsentLedger),
      trust: matching('an object', isObject),
      databaseName: name,
      recordingsDatabase: name,
      originalsDatabase: name,
      createWorker: matching('a function', (value) => typeof value === 'function'),
      signal: matching('an AbortSignal', (value) => value instanceof AbortSignal),
    },
    ['ledger', 'trust'],
  );
  const { ledger, signal, createWorker = () => new Worker(unmaskWorkerUrl(), { type: 'module', name: 'bauta-unmask' }) } = options;
  const context = ConsentLedger.keeping(ledger);
  const setup: ReviewSetup = {
    notice: ledger.notice,
    trust: trustOf(options.trust),
    databases: {
      consent: context.storeName,
      recordings: options.recordingsDatabase ?? RECORDINGS_DATABASE,
      originals: options.originalsDatabase ?? ORIGINALS_DATABASE,
      review: options.databaseName ?? REVIEW_DATABASE,
    },
  };
  assertWanted(signal);
  const recordings = await RecordingStore.open(setup.databases.recordings);
  const kept = new KeptOriginals(context, recordings, setup.databases.originals);
  let desk: ReviewDesk | null = null;
  const told = (error: unknown): void => { tellSwept(desk, asFacePrivacyError(error, 'ERR_STORAGE_FAILED')); };
  const timer = new SweepTimer(kept, { onSwept: () => { tellSwept(desk, null); }, onError: told });
  const letGo = async (): Promise<void> => {
    await timer.close();
    kept.close();
    recordings.close();
  };
  try {
    await timer.sweep();
    assertWanted(signal);
    const sweep = async (): Promise<void> => {
      await timer.sweep();
      tellSwept(desk, null);
    };
    const opened = await ReviewDesk.start(setup, { createWorker, sweep });
    desk = opened;
    if (signal?.aborted === true) await opened.close();
    assertWanted(signal);
    const close = (): void => { void opened.close(); };
    signal?.addEventListener('abort', close, { once: true });
    opened.addEventListener('closed', () => {
      signal?.removeEventListener('abort', close);
      void letGo();
    });
    return opened;
  } catch (error) {
    await letGo();
    throw error;
  }
}

/** The worker tells of its own loss; nobody else has to. */
function tellSwept(desk: ReviewDesk | null, error: FacePrivacyError | null): void {
  if (desk !== null) ReviewDesk.swept(desk, error).then(() => undefined, () => undefined);
}

/** @throws TypeError that names the field. */
function trustOf(trust: unknown): Required<ReviewTrust> {
  checkOptions<ReviewTrust>(
    'openReview.trust',
    trust,
    {
      keys: matching('a list of at least one key: { keyId, issuer, kinds, publicKey }', (value) => Array.isArray(value) && value.length > 0 && value.every(isKey)),
      audience: matching('the web origin of this app', (value) => typeof value === 'string' && value !== ''),
      approvalsNeeded: integerBetween(1, 5),
    },
    ['keys', 'audience'],
  );
  const keys = trust.keys.map(({ keyId, issuer, kinds, publicKey: { kty = '', crv = '', x = '', y = '' } }) => ({ keyId, issuer, kinds: [...kinds], publicKey: { kty, crv, x, y } }));
  if (new Set(keys.map(({ keyId }) => keyId)).size < keys.length) throw new TypeError('openReview.trust.keys: two keys have the same keyId.');
  return { keys, audience: trust.audience, approvalsNeeded: trust.approvalsNeeded ?? 1 };
}

function isKey(value: unknown): value is TrustedKeyInput {
  if (!isObject(value)) return false;
  const { keyId, issuer, kinds, publicKey } = value;
  const isPublic = isObject(publicKey) && publicKey['kty'] === 'EC' && publicKey['crv'] === 'P-256' && publicKey['d'] === undefined;
  return [keyId, issuer].every((text) => typeof text === 'string' && text !== '') && isPublic && Array.isArray(kinds) && kinds.length > 0 && kinds.every((kind) => KINDS.includes(kind));
}

function assertWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new FacePrivacyError('ERR_ABORTED', 'Opening the review was cancelled.', { cause: signal.reason });
}
