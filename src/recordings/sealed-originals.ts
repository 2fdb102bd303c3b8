import type { ClaimEndReason } from '../core/claim-protocol.ts';
import { asFacePrivacyError, type FacePrivacyError } from '../core/errors.ts';
import type { EpochMs, Microseconds } from '../core/time.ts';
import { TypedEventTarget } from '../core/typed-events.ts';
import { isConsentOver } from '../session/consent-over.ts';
import type { FaceClaim } from '../session/face-claim.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
import { KeptOriginals } from './kept-originals.ts';
import type { OriginalsKeeper } from './originals-keeper.ts';
import type { SealingDesk } from './recording-session.ts';
import { sweepKept } from './retention-sweep.ts';
import type { OriginalRow, OriginalsStore } from '../vault/originals-store.ts';
import { RecordingStore } from '../vault/recording-store.ts';

/** The events of sealed originals. */
export interface SealedOriginalsEvents {
  /** So much is kept, encrypted, in the time of the recorded media. */
  progress: { readonly untilUs: Microseconds; readonly crops: number };
  /** Nothing more is sealed: somebody ended it, or the face is no longer certain to be the same person's. What was sealed stays, unless consent was withdrawn. */
  ended: { readonly reason: ClaimEndReason };
  /** Something could not be sealed, kept, erased or written to the audit log. */
  error: FacePrivacyError;
}

/** One's own face being sealed for a recording. Made by `sealOriginals`; the holder ends it. It also ends with claim, recording, session and consent. */
export class SealedOriginals extends TypedEventTarget<SealedOriginalsEvents> {
  readonly originalId: string;
  readonly recordingId: string;
  readonly trackId: number;
  /** From then on nobody can open it, and it is swept. */
  readonly expiresAt: EpochMs;
  readonly #parts: SealedOriginalsParts;
  readonly #closed = new AbortController();
  #untilUs: Microseconds = 0;
  #crops = 0;
  #settled: Promise<void> | null = null;
  #erasing: Promise<void> | null = null;

  /** @internal Use `sealOriginals`. */
  constructor(parts: SealedOriginalsParts) {
    super();
    this.#parts = parts;
    const { originalId, recordingId, trackId, expiresAt } = parts.row;
    this.originalId = originalId;
    this.recordingId = recordingId;
    this.trackId = trackId;
    this.expiresAt = expiresAt;
    const { claim, desk, grant } = parts;
    const { signal } = this.#closed;
    claim.addEventListener('ended', ({ detail }) => { this.#claimEnded(detail.reason); }, { once: true });
    grant.signal.addEventListener('abort', this.#consentEnded, { once: true, signal });
    desk.over.addEventListener('abort', this.#recordingOver, { once: true, signal });
    if (grant.signal.aborted) this.#consentEnded();
    if (claim.ended !== null) this.#claimEnded(claim.ended);
    if (desk.over.aborted) this.#recordingOver();
  }

  /** Why nothing more is sealed; null while it goes on. */
  get ended(): ClaimEndReason | null {
    return this.#parts.claim.ended;
  }

  /** Ends it. Idempotent. Resolves when what was sealed is kept. */
  async end(): Promise<void> {
    await this.#parts.claim.release();
    await this.#settle();
    await this.#erasing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  /** @internal */
  kept(untilUs: Microseconds, crops: number): void {
    this.#untilUs = untilUs;
    this.#crops += crops;
    this.emit('progress', { untilUs: this.#untilUs, crops: this.#crops });
  }

  /** @internal */
  failed(error: unknown): void {
    this.emit('error', asFacePrivacyError(error, 'ERR_STORAGE_FAILED'));
  }

  readonly #consentEnded = (): void => {
    this.#parts.keeper.refuse();
    this.#erasing = this.#eraseIfOver().catch((error: unknown) => { this.failed(error); });
  };

  /** Until then a withdrawal is heard here; from then on it is the shelf's and the sweep's. */
  readonly #recordingOver = (): void => {
    void this.#settle()
      .then(() => this.#erasing)
      .then(() => { this.#close(); });
  };

  #claimEnded(reason: ClaimEndReason): void {
    if (reason === 'consent-ended') this.#parts.keeper.refuse();
    void this.#settle();
    this.emit('ended', { reason });
  }

  /** Never rejects. */
  #settle(): Promise<void> {
    this.#settled ??= this.#finish().catch((error: unknown) => { this.failed(error); });
    return this.#settled;
  }

  async #finish(): Promise<void> {
    const { keeper, store, row } = this.#parts;
    await keeper.settled();
    keeper.close();
    // An original of nothing.
    await store.erase([row.originalId], ({ chunks }) => chunks === 0);
  }

  /** All of this person's, of earlier recordings, too. */
  async #eraseIfOver(): Promise<void> {
    const { grant, store, desk } = this.#parts;
    if (!(await isConsentOver(grant, 'sealed-originals'))) return;
    await endAll(store, grant, desk);
  }

  #close(): void {
    this.#closed.abort();
    this.#parts.store.close();
  }
}

/** @internal What sealed originals are made of. */
export interface SealedOriginalsParts {
  readonly row: OriginalRow;
  readonly store: OriginalsStore;
  readonly desk: SealingDesk;
  readonly grant: ConsentGrant;
  readonly claim: FaceClaim;
  readonly keeper: OriginalsKeeper;
}

/** Marks and erases all sealed originals of a person, with a receipt. Whatever interrupts it, the next sweep goes on with it. */
async function endAll(store: OriginalsStore, grant: ConsentGrant, { databases }: SealingDesk): Promise<void> {
  await store.end((await store.listOf(grant.dataSubject)).map(({ originalId }) => originalId), 'withdrawn');
  // The recording closes its own with the same consent.
  const recordings = await RecordingStore.open(databases.recordings);
  const kept = new KeptOriginals(ConsentGrant.context(grant), recordings, databases.originals);
  try {
    await sweepKept(await kept.parts());
  } finally {
    kept.close();
    recordings.close();
  }
}
