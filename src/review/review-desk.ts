import { transfer } from 'comlink';
import { FacePrivacyError, fromErrorReport } from '../core/errors.ts';
import type { Milliseconds } from '../core/time.ts';
import { TypedEventTarget } from '../core/typed-events.ts';
import type { AuditEntry } from '../governance/audit/entry.ts';
import type { Incident } from '../governance/incidents.ts';
import type { Hold } from '../governance/retention/item.ts';
import { WorkerHost } from '../threads/worker-host.ts';
import { checkAuditFilter, checkBox, checkDecision, checkHold, checkId, checkNote, checkQueueFilter } from './inputs.ts';
import type {
  AuditFilter,
  HeldRecording,
  HoldInput,
  QueueFilter,
  ReviewItem,
  ReviewSetup,
  ReviewWorkerApi,
  ReviewWorkerEvent,
  SignedIn,
  StaffMember,
  Submitted,
  UnmaskEnd,
  UnmaskRequestItem,
  WorkOrderItem,
} from './protocol.ts';
import { ReviewCase } from './review-case.ts';
import { Unmasking } from './unmasking.ts';

/** What a desk tells. */
export interface ReviewDeskEvents {
  /** Who is signed in now, or null. */
  readonly staff: StaffMember | null;
  /** Something about a recording changed, here or in another tab; null: about several, or none in particular. */
  readonly change: { readonly recordingId: string | null };
  /** Something that people should look into (MEG-incident). */
  readonly incident: Incident;
  /** Something that nobody waits for failed, such as erasing what is due; it is tried again. */
  readonly error: FacePrivacyError;
  /** The desk is closed; the error says why, null when it was asked to. */
  readonly closed: { readonly error: FacePrivacyError | null };
}

/** @internal */
export type ReviewHost = WorkerHost<ReviewWorkerApi, ReviewWorkerEvent>;

/** @internal What a desk is made of. */
export interface DeskParts {
  readonly createWorker: () => Worker;
  /** Erases what is due. */
  readonly sweep: () => Promise<void>;
}

/** How often the worker is told that the page is there while a face is seen. */
const SIGN_EVERY_MS: Milliseconds = 500;

/**
 * Staff review of what was recorded in this browser (TAF-5.3b, TAF-5.3c): redacted recordings, and in the rare case one face, for a reason, for a
 * while, with a trace. Everything is judged in a worker of its own, by what it verified and read itself; this is its front. Made by `openReview`;
 * the holder closes it.
 */
export class ReviewDesk extends TypedEventTarget<ReviewDeskEvents> {
  readonly #host: ReviewHost;
  /** Cases that are open, and of which recording. */
  readonly #cases = new Map<ReviewCase, string>();
  readonly #looks = new Map<string, { readonly it: Unmasking; readonly stop: () => void }>();
  /** How looks ended of which it was told before they were known here. */
  readonly #endings = new Map<string, UnmaskEnd>();
  #staff: SignedIn = { member: null, sequence: 0 };
  #closed = false;
  readonly #sweep: () => Promise<void>;

  private constructor({ createWorker, sweep }: DeskParts) {
    super();
    this.#sweep = sweep;
    this.#host = new WorkerHost<ReviewWorkerApi, ReviewWorkerEvent>('unmask', createWorker, {
      onEvent: (event) => { this.#hear(event); },
      onLost: (error) => { this.#end(error); },
    });
  }

  /** @internal Starts the worker and waits until it is sealed. @throws FacePrivacyError ERR_WORKER_*, ERR_STORAGE_FAILED, ERR_CONSENT_NOTICE. */
  static async start(setup: ReviewSetup, parts: DeskParts): Promise<ReviewDesk> {
    const desk = new ReviewDesk(parts);
    try {
      const port = desk.#host.eventPort;
      await desk.#host.call((remote) => remote.load(setup, transfer(port, [port])));
      return desk;
    } catch (error) {
      await desk.close();
      throw error;
    }
  }

  /** Who is signed in. */
  get staff(): StaffMember | null {
    return this.#staff.member;
  }

  /** A number used once, made in the worker, that the next assertion has to name. */
  challenge(): Promise<string> {
    return this.#host.call((remote) => remote.challenge());
  }

  /**
   * Signs somebody in on the word of the app's directory, for as long as it says.
   * @param assertion compact JWS (RFC 7515), ES256, of type `bauta-staff+jwt`, see `signStaffAssertion`.
   * @throws FacePrivacyError ERR_STATEMENT_*; whoever was signed in before is not any more.
   */
  async signIn(assertion: string): Promise<StaffMember> {
    const signedIn = await this.#host.call((remote) => remote.signIn(assertion));
    this.#setStaff(signedIn);
    if (signedIn.member !== null) return signedIn.member;
    throw new FacePrivacyError('ERR_STATEMENT_EXPIRED', 'The assertion is over already; sign in again.', { details: { kind: 'staff', field: 'exp' } });
  }

  /** Ends a look and signs out. Idempotent. */
  async signOut(): Promise<void> {
    this.#setStaff(await this.#host.call((remote) => remote.signOut()));
  }

  /** What there is to review, newest first. @throws TypeError; FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async queue(filter: QueueFilter = {}): Promise<readonly ReviewItem[]> {
    checkQueueFilter(filter);
    return this.#host.call((remote) => remote.queue({ ...filter }));
  }

  /**
   * Opens a recording: redacted media, manifest, timeline. A reviewer needs an open work order that names them.
   * @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_RESTRICTED, ERR_MEDIA_INVALID (unknown or over), ERR_VAULT_INTEGRITY, ERR_MANIFEST_INVALID.
   */
  async open(recordingId: string): Promise<ReviewCase> {
    checkId('open', 'recordingId', recordingId);
    const { sequence } = this.#staff;
    const content = await this.#host.call((remote) => remote.open(recordingId));
    this.#assertSame(sequence);
    const opened = new ReviewCase(content, {
      notes: () => this.#host.call((remote) => remote.notesOf(recordingId)),
      addBox: (box) => {
        checkBox(box, content.item);
        return this.#host.call((remote) => remote.addBox(recordingId, { fromUs: box.fromUs, untilUs: box.untilUs, box: { ...box.box } }));
      },
      addNote: (text) => {
        checkNote(text);
        return this.#host.call((remote) => remote.addNote(recordingId, text));
      },
      decide: (outcome, text) => {
        checkDecision(outcome, text);
        return this.#host.call((remote) => remote.decide(recordingId, outcome, text));
      },
    });
    this.#cases.set(opened, recordingId);
    // What was told before the case was among those that are looked after.
    await this.#lookAfter([recordingId]);
    this.#assertSame(sequence);
    return opened.closed ? this.open(recordingId) : opened;
  }

  /**
   * Takes in a work order, a request or a decision that the app's directory signed. It is kept, and verified again whenever it is used.
   * @throws FacePrivacyError ERR_STATEMENT_*, ERR_ACCESS_DENIED (nobody is signed in), ERR_UNMASK_REFUSED (it could never lead anywhere).
   */
  submit(token: string): Promise<Submitted> {
    return this.#host.call((remote) => remote.submit(token));
  }

  /** Work orders that whoever is signed in may read. @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  workOrders(): Promise<readonly WorkOrderItem[]> {
    return this.#host.call((remote) => remote.workOrders());
  }

  /** Requests to see a face that whoever is signed in may read. @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  requests(): Promise<readonly UnmaskRequestItem[]> {
    return this.#host.call((remote) => remote.requests());
  }

  /** Closes a work order for good: looks under it end. @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async closeWorkOrder(workOrderId: string): Promise<void> {
    checkId('closeWorkOrder', 'workOrderId', workOrderId);
    return this.#host.call((remote) => remote.closeWorkOrder(workOrderId));
  }

  /** Revokes a request for good: a look under it ends. @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async revokeRequest(requestId: string): Promise<void> {
    checkId('revokeRequest', 'requestId', requestId);
    return this.#host.call((remote) => remote.revokeRequest(requestId));
  }

  /**
   * Begins to show one face, if nothing is missing. **Takes** the canvas: the worker draws on it, in pixels of the recorded picture, transparent but
   * for the face; when the look ends it is emptied and removed from the page. A look that goes on is ended first.
   * @param options.canvas one that nothing was drawn on yet.
   * @throws FacePrivacyError ERR_UNMASK_REFUSED with `details.factor`, the first of `UNMASK_FACTORS` that is missing.
   */
  async unmask({ requestId, canvas }: { readonly requestId: string; readonly canvas: HTMLCanvasElement }): Promise<Unmasking> {
    checkId('unmask', 'requestId', requestId);
    if (!(canvas instanceof HTMLCanvasElement)) throw new TypeError('unmask: canvas must be a canvas element that nothing was drawn on.');
    const surface = offscreenOf(canvas);
    const facts = await this.#sign()
      .then(() => this.#host.call((remote) => remote.unmask(requestId, transfer(surface, [surface]))))
      .catch((error: unknown) => {
        canvas.remove();
        throw error;
      });
    const { unmaskingId: id } = facts;
    const it = new Unmasking(facts, canvas, {
      show: (timeUs) => this.#host.call((remote) => remote.show(id, timeUs)),
      end: () => this.#host.call((remote) => remote.endUnmasking(id)),
    });
    const timer = setInterval(() => { this.#signInBackground(); }, SIGN_EVERY_MS);
    const onVisibility = (): void => { this.#signInBackground(); };
    document.addEventListener('visibilitychange', onVisibility);
    const stop = (): void => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    };
    this.#looks.set(id, { it, stop });
    const ending = this.#closed ? 'lost' : this.#endings.get(id);
    this.#endings.clear();
    if (ending !== undefined) this.#endLook(id, ending);
    return it;
  }

  /** Keeps a recording beyond its time for an open dispute (TAF-5.5b). @throws FacePrivacyError ERR_HOLD_REFUSED with `details.field`, ERR_ACCESS_DENIED. */
  async hold(recordingId: string, hold: HoldInput): Promise<Hold> {
    checkId('hold', 'recordingId', recordingId);
    checkHold(hold);
    return this.#host.call((remote) => remote.hold(recordingId, { ...hold }));
  }

  /** Releases a hold; what is due then is erased. @throws FacePrivacyError ERR_HOLD_REFUSED, ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async releaseHold(recordingId: string, holdId: string): Promise<void> {
    checkId('releaseHold', 'recordingId', recordingId);
    checkId('releaseHold', 'holdId', holdId);
    await this.#host.call((remote) => remote.releaseHold(recordingId, holdId));
    await this.#sweep();
  }

  /** Holds on one recording, or on all, ended ones included. @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  holds(recordingId?: string): Promise<readonly HeldRecording[]> {
    return this.#host.call((remote) => remote.holds(recordingId ?? null));
  }

  /** The audit log, in order, to be checked with `verifyChain` of `bauta/audit`. @throws TypeError; FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async auditLog(filter: AuditFilter = {}): Promise<readonly AuditEntry[]> {
    checkAuditFilter(filter);
    return this.#host.call((remote) => remote.auditLog({ ...filter }));
  }

  /** The audit log as a file with signed heads, to be verified anywhere. @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  exportAudit(): Promise<Blob> {
    return this.#host.call((remote) => remote.exportAudit());
  }

  /** Audits that a bundle of another device was opened here; see `openBundle` of `bauta/sharing`, which verifies it. @throws TypeError; FacePrivacyError ERR_ACCESS_DENIED. */
  async noteBundle(manifestId: string): Promise<void> {
    checkId('noteBundle', 'manifestId', manifestId);
    return this.#host.call((remote) => remote.noteBundle(manifestId));
  }

  /** Ends a look, signs out, ends the worker. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#host.close();
    this.#end(null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal What was due has been erased, or could not be. */
  static async swept(desk: ReviewDesk, error: FacePrivacyError | null): Promise<void> {
    if (desk.#closed) return;
    if (error !== null) desk.emit('error', error);
    else await desk.#host.call((remote) => remote.swept());
  }

  #hear(event: ReviewWorkerEvent): void {
    switch (event.kind) {
      case 'staff':
        this.#setStaff(event.data);
        return;
      case 'change':
        this.#changed(event.data);
        return;
      case 'incident':
        this.emit('incident', event.data);
        return;
      case 'unmask-ended':
        this.#endLook(event.data.unmaskingId, event.data.end);
        return;
      case 'error':
        void this.#host.close().then(() => { this.#end(fromErrorReport(event.data)); });
        return;
      case 'heartbeat':
    }
  }

  #end(error: FacePrivacyError | null): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const id of this.#looks.keys()) this.#endLook(id, 'lost');
    this.#setStaff({ member: null, sequence: this.#staff.sequence + 1 });
    this.emit('closed', { error });
  }

  #endLook(id: string, end: UnmaskEnd): void {
    const look = this.#looks.get(id);
    this.#looks.delete(id);
    if (look === undefined) {
      this.#endings.set(id, end);
      return;
    }
    look.stop();
    Unmasking.close(look.it, end);
  }

  #setStaff(signedIn: SignedIn): void {
    if (signedIn.sequence <= this.#staff.sequence) return;
    this.#staff = signedIn;
    // What somebody opened is not for whoever comes after them.
    this.#closeCases([...this.#cases.values()]);
    this.emit('staff', signedIn.member);
  }

  /** Before it is told, cases that nobody may see any more are closed: erased, withdrawn, restricted. */
  #changed(change: ReviewDeskEvents['change']): void {
    for (const opened of this.#cases.keys()) if (opened.closed) this.#cases.delete(opened);
    const asked = [...new Set(this.#cases.values())];
    if (asked.length === 0) {
      this.emit('change', change);
      return;
    }
    void this.#lookAfter(asked).then(() => { if (!this.#closed) this.emit('change', change); });
  }

  /** Closes cases that nobody may see any more. */
  async #lookAfter(recordingIds: readonly string[]): Promise<void> {
    // On doubt, nothing stays open.
    const gone = await this.#host.call((remote) => remote.gone(recordingIds)).catch(() => recordingIds);
    this.#closeCases(gone);
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED when somebody signed in or out since. */
  #assertSame(sequence: number): void {
    if (!this.#closed && sequence === this.#staff.sequence) return;
    throw new FacePrivacyError('ERR_ACCESS_DENIED', 'Somebody signed in or out while the recording was opened; open it again.', { details: { action: 'play', resource: 'recording', factor: 'staff' } });
  }

  #closeCases(recordingIds: readonly string[]): void {
    for (const [opened, recordingId] of this.#cases) {
      if (!recordingIds.includes(recordingId)) continue;
      opened.close();
      this.#cases.delete(opened);
    }
  }

  #sign(): Promise<void> {
    return this.#host.call((remote) => remote.present(document.visibilityState === 'visible'));
  }

  /** A sign that does not arrive ends the look in the worker; a worker that is gone has ended it already. */
  #signInBackground(): void {
    this.#sign().then(() => undefined, () => undefined);
  }
}

/** @throws TypeError. */
function offscreenOf(canvas: HTMLCanvasElement): OffscreenCanvas {
  try {
    return canvas.transferControlToOffscreen();
  } catch (cause) {
    throw new TypeError('unmask: canvas was drawn on or handed over before; make a new one for each look.', { cause });
  }
}
