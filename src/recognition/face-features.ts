import { transfer, type Remote } from 'comlink';
import { asFacePrivacyError, FacePrivacyError, fromErrorReport } from '../core/errors.ts';
import type { EmbedderCall, FeaturesEvent, FeaturesLoadReport, FeaturesWorkerApi, ProbeRequest, QualityReport } from '../core/features-protocol.ts';
import { checkOptions, matching, numberBetween, type OptionRules } from '../core/options.ts';
import type { Reply } from '../core/protocol.ts';
import type { Milliseconds } from '../core/time.ts';
import { TypedEventTarget } from '../core/typed-events.ts';
import type { ClaimEndReason } from '../core/claim-protocol.ts';
import { claimFace, FaceClaim, type ClaimOptions } from '../session/face-claim.ts';
import type { AuditCode, AuditIds } from '../governance/audit/entry.ts';
import { assertGrant, ConsentGrant } from '../governance/consent/grant.ts';
import type { LibraryPurpose, Operation } from '../governance/consent/purposes.ts';
import { reportFailure } from '../session/incident-report.ts';
import type { RedactionSession } from '../session/session.ts';
import type { WorkerHost } from '../threads/worker-host.ts';

/** @internal The page's end of a features worker. */
export type FeaturesHost = WorkerHost<FeaturesWorkerApi, FeaturesEvent>;

/** Where a face to look at comes from: a live claim, or a still picture with one face in it. A picture stays the caller's. */
export type Probe = FaceClaim | Blob | ImageBitmap;

/** How long to look for a good view of a claimed face. */
export interface ProbeOptions {
  /** For each view of a claim, 500 to 120000, default 10000. Pictures need no time limit. */
  readonly timeoutMs?: Milliseconds;
  /** Cancels; nothing is kept then. */
  readonly signal?: AbortSignal;
}

/** The events of a features session and their payloads (`event.detail`). None carries pixels or vectors. */
export interface FaceFeaturesEvents {
  /** What the quality gate said of a view, to guide the person. */
  quality: { readonly origin: EmbedderCall['origin']; readonly report: QualityReport };
  /** The embedder is about to look at a face. */
  embedded: EmbedderCall;
  'claim-ended': { readonly claimId: string; readonly reason: ClaimEndReason };
  /** Something failed that no call is waiting for. */
  error: FacePrivacyError;
  /** Code in the sealed worker tried to reach the network (MEG-incident). */
  incident: FacePrivacyError;
  /** It is over: worker gone, and everything erased that had to be. The cause is null where the app closed it. */
  closed: { readonly cause: FacePrivacyError | null };
}

/** @internal What galleries and albums hang on. */
export interface FeaturesInternals {
  readonly grant: ConsentGrant;
  /** Aborts when the features close; its reason is a FacePrivacyError. */
  readonly signal: AbortSignal;
  /** Calls the worker. @throws FacePrivacyError with the worker's code, or whatever ended the features. */
  call<T>(run: (remote: Remote<FeaturesWorkerApi>) => Promise<Reply<T>>): Promise<T>;
  /** Checks grant and options, and calls the worker with requests for the probes; `signal` cancels them there. */
  look<T>(operation: Operation, probes: readonly Probe[], options: ProbeOptions, run: (remote: Remote<FeaturesWorkerApi>, requests: readonly ProbeRequest[]) => Promise<Reply<T>>): Promise<T>;
  /** Hears what the worker tells of its own, until `signal` aborts. */
  onEvent(listener: (event: FeaturesEvent) => void, signal: AbortSignal): void;
  /** Closed with the features, before the worker. */
  own(part: ClosingPart): void;
  disown(part: ClosingPart): void;
  /** Runs once the features have closed, if consent for `purpose` is over: erases what was kept under it. One a key. */
  onConsentOver(purpose: LibraryPurpose, key: string, erase: (grant: ConsentGrant) => Promise<void>): void;
  /** Writes an audit entry that names the grant. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  note(code: AuditCode, ids: AuditIds): Promise<void>;
  /** Tells of a failure that no call is waiting for. */
  failed(error: unknown): void;
}

/** @internal What closes with the features. */
export interface ClosingPart {
  close(): Promise<void> | void;
}

/** @internal What features are made of. */
export interface FaceFeaturesParts {
  readonly grant: ConsentGrant;
  readonly host: FeaturesHost;
  readonly report: FeaturesLoadReport;
  readonly signal: AbortSignal | undefined;
}

const DEFAULT_TIMEOUT_MS: Milliseconds = 10_000;
/** Calls kept in {@link FaceFeatures.calls}. */
const MOST_CALLS = 10_000;

/** @internal Rules of {@link ProbeOptions}, to be joined with an operation's own. */
export const probeRules: OptionRules<ProbeOptions> = {
  timeoutMs: numberBetween(500, 120_000),
  signal: matching('an AbortSignal', (value) => value instanceof AbortSignal),
};

/**
 * Features of one person's face, for as long as their consent holds (TAF-5.3d): claims, and what galleries and albums are opened on.
 * Made by `openFaceFeatures`; the holder closes it. It closes itself when the grant ends, and erases what was kept under it.
 */
export class FaceFeatures extends TypedEventTarget<FaceFeaturesEvents> {
  readonly grant: ConsentGrant;
  /** How the worker was started. */
  readonly report: FeaturesLoadReport;
  readonly #host: FeaturesHost;
  readonly #calls: EmbedderCall[] = [];
  readonly #ended = new AbortController();
  readonly #parts = new Set<ClosingPart>();
  readonly #erasers = new Map<string, { readonly purpose: LibraryPurpose; readonly erase: (grant: ConsentGrant) => Promise<void> }>();
  readonly #listeners = new Set<(event: FeaturesEvent) => void>();
  #closing: Promise<void> | null = null;

  /** @internal Use `openFaceFeatures`. */
  constructor({ grant, host, report, signal }: FaceFeaturesParts) {
    super();
    this.grant = grant;
    this.report = report;
    this.#host = host;
    grant.signal.addEventListener('abort', () => void this.#end(grant.signal.reason as FacePrivacyError), { once: true });
    signal?.addEventListener('abort', () => void this.close(), { once: true });
  }

  /** The log of the embedder (TAF-5.3d): every look at a face that it was asked for, ids and times; the latest 10,000. */
  get calls(): readonly EmbedderCall[] {
    return [...this.#calls];
  }

  /**
   * Claims a face in a running session's picture as the person's own: the track `trackId` of its `faces` event, or, left out, the only
   * face there is. Crops of this track alone are then made when asked for, and go straight to the features worker (TAF-5.3d). The claim
   * ends with whatever makes it doubtful; the holder releases it.
   * @throws TypeError for a bad option; FacePrivacyError ERR_CONSENT_*, ERR_CLAIM_AMBIGUOUS, ERR_CLAIM_ENDED, ERR_SESSION_CLOSED,
   * ERR_WORKER_LOST, ERR_STORAGE_FAILED.
   */
  claim(session: RedactionSession, options: ClaimOptions = {}): Promise<FaceClaim> {
    return claimFace(
      {
        operation: 'FaceFeatures.claim',
        grant: this.grant,
        signal: this.#ended.signal,
        openClaim: (claimId, port) => this.#call((remote) => remote.openClaim(claimId, transfer(port, [port]))),
        closeClaim: (claimId, reason) => this.#call((remote) => remote.closeClaim(claimId, reason)),
        failed: (error) => { this.#failed(error); },
      },
      session,
      options,
    );
  }

  /**
   * The raw feature vector of a face: 128 floats, about 1.4 long, of which two of one person are mostly less than 0.6 apart
   * (Euclidean distance; dlib). It can be turned back into a likeness: the app answers for it from here on. Only under the purpose
   * `feature-extraction` (TEN-vector); the audit log says so before the vector comes out.
   * @throws TypeError for a bad option; FacePrivacyError ERR_CONSENT_*, ERR_FACE_NOT_FOUND, ERR_FACE_QUALITY, ERR_CLAIM_ENDED,
   * ERR_PICTURE_*, ERR_EMBEDDER_FAILED, ERR_ABORTED, ERR_SESSION_CLOSED, ERR_STORAGE_FAILED.
   */
  async extract(probe: Probe, options: ProbeOptions = {}): Promise<Float32Array<ArrayBuffer>> {
    const operation = 'FaceFeatures.extract';
    checkOptions<ProbeOptions>(operation, options, probeRules);
    const vector = await this.#look(operation, [probe], options, (remote, [request]) => remote.extract(request!));
    try {
      await this.#note('vector.extracted', {});
      assertGrant(this.grant, operation);
    } catch (error) {
      vector.fill(0);
      throw error;
    }
    return vector;
  }

  /** Ends worker, claims, galleries and albums; nothing is left in memory, and the audit log says so. What is stored stays. Idempotent. */
  close(): Promise<void> {
    return this.#end(null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal For galleries and albums. @throws TypeError when it is no FaceFeatures. */
  static internals(features: FaceFeatures): FeaturesInternals {
    if (typeof features !== 'object' || (features as unknown) === null || !(#closing in features)) throw new TypeError('features must be a FaceFeatures from openFaceFeatures().');
    const { grant } = features;
    return {
      grant,
      signal: features.#ended.signal,
      call: (run) => features.#call(run),
      look: (operation, probes, options, run) => features.#look(operation, probes, options, run),
      onEvent: (listener, signal) => {
        features.#listeners.add(listener);
        signal.addEventListener('abort', () => features.#listeners.delete(listener), { once: true });
      },
      own: (part) => void features.#parts.add(part),
      disown: (part) => void features.#parts.delete(part),
      onConsentOver: (purpose, key, erase) => void features.#erasers.set(key, { purpose, erase }),
      note: (code, ids) => features.#note(code, ids),
      failed: (error) => { features.#failed(error); },
    };
  }

  /** @internal */
  handle(event: FeaturesEvent): void {
    for (const listener of this.#listeners) listener(event);
    switch (event.kind) {
      case 'embedded':
        if (this.#calls.push(event.data) > MOST_CALLS) this.#calls.shift();
        this.emit('embedded', event.data);
        return;
      case 'quality':
        this.emit('quality', event.data);
        return;
      case 'claim-ended':
        this.emit('claim-ended', event.data);
        return;
      case 'error':
        this.emit('error', fromErrorReport(event.data));
        return;
      case 'incident': {
        const incident = fromErrorReport(event.data);
        reportFailure(this.grant, incident, (error) => { this.#failed(asFacePrivacyError(error, 'ERR_STORAGE_FAILED')); });
        this.emit('incident', incident);
        return;
      }
      case 'sample':
        return;
    }
  }

  /** @internal */
  lost(error: FacePrivacyError): void {
    void this.#end(error);
  }

  async #call<T>(run: (remote: Remote<FeaturesWorkerApi>) => Promise<Reply<T>>): Promise<T> {
    this.#ended.signal.throwIfAborted();
    try {
      return await this.#host.call(run);
    } catch (error) {
      // What ended the features says more than that the worker is gone.
      this.#ended.signal.throwIfAborted();
      throw error;
    }
  }

  async #look<T>(
    operation: Operation,
    probes: readonly Probe[],
    { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: ProbeOptions,
    run: (remote: Remote<FeaturesWorkerApi>, requests: readonly ProbeRequest[]) => Promise<Reply<T>>,
  ): Promise<T> {
    const requestId = crypto.randomUUID();
    const requests = probes.map((probe) => requestOf(operation, probe, requestId, timeoutMs));
    this.#ended.signal.throwIfAborted();
    assertGrant(this.grant, operation);
    assertNotAborted(signal);
    const cancel = (): void => {
      this.#call((remote) => remote.cancel(requestId)).catch((error: unknown) => {
        // Features that are closing end the request by themselves.
        if (!this.#ended.signal.aborted) this.#failed(error);
      });
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const value = await this.#call((remote) => run(remote, requests));
      assertNotAborted(signal);
      return value;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  #note(code: AuditCode, ids: AuditIds): Promise<void> {
    return ConsentGrant.note(this.grant, code, ids);
  }

  #failed(error: unknown): void {
    this.emit('error', asFacePrivacyError(error, 'ERR_STORAGE_FAILED'));
  }

  #end(cause: FacePrivacyError | null): Promise<void> {
    this.#closing ??= this.#closeAll(cause);
    return this.#closing;
  }

  async #closeAll(cause: FacePrivacyError | null): Promise<void> {
    this.#ended.abort(cause ?? new FacePrivacyError('ERR_SESSION_CLOSED', 'The features are closed; open them anew.'));
    for (const closed of await Promise.allSettled([...this.#parts].map(async (part) => part.close()))) {
      if (closed.status === 'rejected') this.#failed(closed.reason);
    }
    this.#parts.clear();
    await Promise.all([this.#host.close(), ConsentGrant.context(this.grant).settled()]);
    if (this.grant.signal.aborted) await this.#eraseWhatIsOver(this.grant.signal.reason as FacePrivacyError);
    if (cause !== null && !this.grant.signal.aborted) this.emit('error', cause);
    this.emit('closed', { cause });
  }

  async #eraseWhatIsOver(reason: FacePrivacyError): Promise<void> {
    const context = ConsentGrant.context(this.grant);
    // A ledger that was closed ends grants with the same code, and leaves consent as it is.
    const withdrawn = reason.code === 'ERR_CONSENT_WITHDRAWN' && reason.details['field'] === 'state';
    for (const { purpose, erase } of this.#erasers.values()) {
      // A ledger that cannot be asked any more leaves it to the next opening, which sweeps before anything is used.
      const over = withdrawn || (await context.stands(this.grant.dataSubject, [purpose]).catch(() => 'unclear')) === 'ended';
      if (over) await erase(this.grant).catch((error: unknown) => { this.#failed(error); });
    }
  }
}

function requestOf(operation: string, probe: unknown, requestId: string, timeoutMs: Milliseconds): ProbeRequest {
  if (probe instanceof FaceClaim) return { kind: 'claim', requestId, claimId: probe.claimId, timeoutMs };
  if (!(probe instanceof Blob) && !(probe instanceof ImageBitmap)) throw new TypeError(`${operation}: probe must be a FaceClaim, a Blob or an ImageBitmap.`);
  if (probe instanceof ImageBitmap && probe.width === 0) {
    throw new FacePrivacyError('ERR_PICTURE_INVALID', `${operation}: the ImageBitmap is closed.`, { details: { reason: 'size' } });
  }
  return { kind: 'picture', requestId, pictureId: crypto.randomUUID(), picture: probe };
}

function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw signal.reason instanceof FacePrivacyError ? signal.reason : new FacePrivacyError('ERR_ABORTED', 'It was cancelled.', { cause: signal.reason });
}
