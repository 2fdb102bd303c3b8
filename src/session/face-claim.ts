import type { ClaimEnded, ClaimEndReason } from '../core/claim-protocol.ts';
import { asFacePrivacyError, FacePrivacyError } from '../core/errors.ts';
import { checkOptions, integerBetween } from '../core/options.ts';
import type { OriginalSealing } from '../core/originals.ts';
import { TypedEventTarget, type DetailEvent } from '../core/typed-events.ts';
import { assertGrant, ConsentGrant } from '../governance/consent/grant.ts';
import type { Operation } from '../governance/consent/purposes.ts';
import type { ClaimDesk } from './session-parts.ts';
import { claimDeskOf } from './session-desks.ts';
import type { RedactionSession, SessionEvents } from './session.ts';

/** What a claim can be asked for. */
export interface ClaimOptions {
  /** As in the `faces` event of the session, see `trackAt`. Left out: the only face in the picture. */
  readonly trackId?: number;
}

/** The events of a claim. */
export interface ClaimEvents {
  /** It is over, for good; the next needs a new claim. */
  ended: { readonly reason: ClaimEndReason };
}

/** @internal What a claim needs of what it is made for: features, or a recording for which the face is sealed. */
export interface ClaimHolder {
  readonly operation: Operation;
  readonly grant: ConsentGrant;
  /** Aborts when what the claim is for closes. */
  readonly signal: AbortSignal;
  /** What else has to be agreed to for as long as the claim lives. */
  readonly otherGrants?: readonly ConsentGrant[];
  /** The face is to be sealed. */
  readonly originals?: OriginalSealing;
  /** Takes its end of the port, or gives it on to the features worker. **Takes** the port. */
  openClaim(claimId: string, port: MessagePort): Promise<void>;
  closeClaim(claimId: string, reason: ClaimEndReason): Promise<void>;
  /** An entry of the audit log could not be written, or an end not be told. */
  failed(error: FacePrivacyError): void;
}

/**
 * A person's claim that one track in the redacted picture is their own face (TAF-5.3d). While it lives, and only when asked for,
 * crops of that face go from the redaction worker straight to the features worker. Made by `features.claim`.
 */
export class FaceClaim extends TypedEventTarget<ClaimEvents> {
  readonly claimId: string;
  readonly trackId: number;
  readonly #ending: ClaimEnding;

  /** @internal Use `features.claim`. */
  constructor(ending: ClaimEnding) {
    super();
    this.claimId = ending.claimId;
    this.trackId = ending.trackId;
    this.#ending = ending;
    ending.tell = (reason) => {
      this.emit('ended', { reason });
    };
  }

  /** Why it is over; null while it lives. */
  get ended(): ClaimEndReason | null {
    return this.#ending.reason;
  }

  /** Ends it. Idempotent. From the moment of the call nothing more is made of this face here; resolves when both workers know. */
  release(): Promise<void> {
    return this.#ending.end('released');
  }

  [Symbol.dispose](): void {
    void this.release();
  }
}

/**
 * @internal Claims a track for the person of the grant; see `FaceFeatures.claim`.
 * @throws TypeError for a bad option; FacePrivacyError ERR_CONSENT_* (ERR_CONSENT_MISSING where the session runs on the consent of
 * another person), ERR_CLAIM_AMBIGUOUS, ERR_SESSION_CLOSED, ERR_WORKER_LOST, ERR_STORAGE_FAILED. Nothing is claimed then.
 */
export async function claimFace(holder: ClaimHolder, session: RedactionSession, options: ClaimOptions = {}): Promise<FaceClaim> {
  const { operation, grant, originals } = holder;
  checkOptions<ClaimOptions>(operation, options, { trackId: integerBetween(1, Number.MAX_SAFE_INTEGER) });
  const desk = claimDeskOf(session);
  assertGrant(grant, operation);
  if (desk.grant.signal.aborted) throw desk.grant.signal.reason as FacePrivacyError;
  if (desk.grant.dataSubject !== grant.dataSubject) {
    throw new FacePrivacyError('ERR_CONSENT_MISSING', `${operation}: the session runs on the consent of another person; its picture is not this person's to claim.`, {
      details: { operation, field: 'dataSubject' },
    });
  }
  if (holder.signal.aborted) throw new FacePrivacyError('ERR_SESSION_CLOSED', `${operation}: what the face would be claimed for is closed; open it anew.`);
  const claimId = crypto.randomUUID();
  const ending = new ClaimEnding({ claimId, holder, session, desk });
  try {
    const { port1, port2 } = new MessageChannel();
    await holder.openClaim(claimId, port1);
    ending.trackId = (await desk.open({ claimId, trackId: options.trackId ?? null, port: port2, ...(originals === undefined ? {} : { originals }) })).trackId;
    if (ending.reason === null) await ConsentGrant.note(grant, 'claim.started', { claimId, trackId: ending.trackId, requestId: desk.requestId });
  } catch (error) {
    await ending.end('released');
    throw asFacePrivacyError(error, 'ERR_WORKER_LOST');
  }
  if (ending.reason !== null) {
    throw new FacePrivacyError('ERR_CLAIM_ENDED', 'The claim ended while it began; claim the face again.', { details: { reason: ending.reason } });
  }
  return new FaceClaim(ending);
}

/** Everything that can end a claim, and what its end sets off, once. */
class ClaimEnding {
  readonly claimId: string;
  /** 0 until the redaction worker has said which. */
  trackId = 0;
  reason: ClaimEndReason | null = null;
  tell: (reason: ClaimEndReason) => void = () => undefined;
  readonly #holder: ClaimHolder;
  readonly #session: RedactionSession;
  readonly #desk: ClaimDesk;
  #told: Promise<void> | null = null;

  constructor({ claimId, holder, session, desk }: { claimId: string; holder: ClaimHolder; session: RedactionSession; desk: ClaimDesk }) {
    this.claimId = claimId;
    this.#holder = holder;
    this.#session = session;
    this.#desk = desk;
    for (const signal of this.#consent) signal.addEventListener('abort', this.#consentEnded, { once: true });
    holder.signal.addEventListener('abort', this.#holderClosed, { once: true });
    session.addEventListener('claim', this.#workerEnded);
    session.addEventListener('state', this.#sessionState);
  }

  /** Ends the claim unless it is over; resolves when both workers were told and the log holds it. Never rejects. */
  end(reason: ClaimEndReason): Promise<void> {
    if (this.reason === null) {
      this.reason = reason;
      this.#unlisten();
      this.#told = this.#tellAll(reason);
      this.tell(reason);
    }
    return this.#told ?? Promise.resolve();
  }

  get #consent(): readonly AbortSignal[] {
    return [this.#holder.grant, this.#desk.grant, ...(this.#holder.otherGrants ?? [])].map(({ signal }) => signal);
  }

  readonly #consentEnded = (): void => void this.end('consent-ended');
  readonly #holderClosed = (): void => void this.end(this.#consent.some(({ aborted }) => aborted) ? 'consent-ended' : 'released');
  readonly #workerEnded = ({ detail }: DetailEvent<ClaimEnded>): void => {
    if (detail.claimId === this.claimId) void this.end(detail.reason);
  };
  readonly #sessionState = ({ detail }: DetailEvent<SessionEvents['state']>): void => {
    if (detail.state === 'closed') void this.end(this.#consent.some(({ aborted }) => aborted) ? 'consent-ended' : 'session-closed');
  };

  #unlisten(): void {
    for (const signal of this.#consent) signal.removeEventListener('abort', this.#consentEnded);
    this.#holder.signal.removeEventListener('abort', this.#holderClosed);
    this.#session.removeEventListener('claim', this.#workerEnded);
    this.#session.removeEventListener('state', this.#sessionState);
  }

  async #tellAll(reason: ClaimEndReason): Promise<void> {
    const { claimId, trackId } = this;
    const ids = { claimId, trackId, reason, requestId: this.#desk.requestId };
    const work: Promise<void>[] = [this.#desk.end(claimId, reason)];
    // What closes ends its claims by itself.
    if (!this.#holder.signal.aborted) work.push(this.#holder.closeClaim(claimId, reason));
    // A claim that never began has no end.
    if (trackId !== 0) work.push(ConsentGrant.note(this.#holder.grant, 'claim.ended', ids));
    for (const result of await Promise.allSettled(work)) {
      if (result.status === 'fulfilled') continue;
      const error = asFacePrivacyError(result.reason, 'ERR_WORKER_LOST');
      // A worker that is gone has no claim any more.
      if (error.code !== 'ERR_SESSION_CLOSED' && error.code !== 'ERR_WORKER_LOST') this.#holder.failed(error);
    }
  }
}
