import { FacePrivacyError, toErrorReport } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import type { EpochMs, Microseconds, Milliseconds } from '../core/time.ts';
import { judgeUnmask, unmaskEndedBy, unmaskError, type UnmaskFacts, type UnmaskRefusal } from '../governance/access/judge-unmask.ts';
import type { UnmaskGrant } from '../governance/access/unmask-grant.ts';
import { observationOf } from '../governance/observation-of.ts';
import { standingOf } from '../governance/retention/item.ts';
import { originalItemOf, type OriginalRow } from '../vault/originals-store.ts';
import { idsOf, itemOf, type RecordingRow } from '../vault/recording-rows.ts';
import { findRecording } from './find-recording.ts';
import type { FaceSurface } from './face-painter.ts';
import { memoryOf, withMemory, type LogMemory } from './log-memory.ts';
import type { ReviewParts } from './ports.ts';
import type { UnmaskEnd, UnmaskingFacts } from './protocol.ts';
import { SealedFaces } from './sealed-faces.ts';
import type { StaffDesk } from './staff-desk.ts';
import type { StatementBook } from './statement-book.ts';

/** While a face is seen, everything is judged anew so often. */
const JUDGE_EVERY_MS: Milliseconds = 500;
/** A judgement that is older than this holds no longer, whatever keeps the next one waiting. */
const JUDGED_FOR_MS: Milliseconds = 3000;
/** The page tells twice a second that it is seen; a page that has frozen or gone does not. */
const SEEN_FOR_MS: Milliseconds = 3000;
/** A frame drawn so soon after a judgement rests on that one. */
const FRESH_FOR_MS: Milliseconds = 250;

/** What there is of a request and of what it asks for. */
interface Found {
  readonly facts: UnmaskFacts;
  readonly row: RecordingRow | null;
  readonly originals: readonly OriginalRow[];
  /** What the log knew when the look began. */
  readonly memory: LogMemory;
}

/** A look that goes on. */
interface Look {
  readonly grant: UnmaskGrant;
  readonly surface: FaceSurface;
  readonly faces: SealedFaces;
  readonly memory: LogMemory;
  readonly words: readonly string[];
  /** Ends what waits for its end. */
  readonly over: AbortController;
  readonly timer: ReturnType<typeof setInterval>;
  judgedAtMs: number;
  /** Number of the frame that was asked for last: an earlier one is drawn no more. */
  asked: number;
}

/**
 * The one place where a face is uncovered. It judges by what it reads itself, writes down that somebody looks before the first pixel is there, judges
 * again while they do, and empties the canvas before it says why (TAF-5.3b, TAF-5.3c).
 */
export class UnmaskDesk {
  readonly #parts: ReviewParts;
  readonly #staff: StaffDesk;
  readonly #book: StatementBook;
  #look: Look | null = null;
  #judging: Promise<void> | null = null;
  /** Something happened since the judgement that runs has begun to read. */
  #stale = false;
  #lastEnd: UnmaskEnd = 'ended';
  #seenAtMs = -Infinity;
  #visible = false;

  constructor(parts: ReviewParts, staff: StaffDesk, book: StatementBook) {
    this.#parts = parts;
    this.#staff = staff;
    this.#book = book;
  }

  /**
   * Begins a look. @param openSurface called once everything is judged; nothing is drawn before it is written down.
   * @throws FacePrivacyError ERR_UNMASK_REFUSED with the first missing factor, ERR_RESTRICTED, ERR_PAGE_HIDDEN; all of them audited.
   */
  begin(requestId: string, openSurface: (size: Size) => FaceSurface): Promise<UnmaskingFacts> {
    return this.#parts.exclusively(async () => {
      this.end('ended');
      const { consent, additions } = this.#parts;
      const found = await this.#find(requestId, null);
      const verdict = judgeUnmask(found.facts, consent.time());
      if (!verdict.granted) throw await this.#refused(requestId, found, unmaskError(refusalOf(verdict.refusal, found.facts)));
      const { grant } = verdict;
      const { row } = found;
      if (row === null) throw await this.#refused(requestId, found, unmaskError({ code: 'ERR_UNMASK_REFUSED', factor: 'item', message: 'There is no such recording any more.' }));
      if (row.restriction !== null) throw await this.#refused(requestId, found, new FacePrivacyError('ERR_RESTRICTED', 'The person has asked that this is kept and not used.', { details: { recordingId: row.recordingId } }));
      if (!this.#isSeen()) throw await this.#refused(requestId, found, new FacePrivacyError('ERR_PAGE_HIDDEN', 'The page is not seen; nothing is shown on it.', { details: { factor: 'hidden' } }));
      const { grantId, workOrderId, recordingId, trackId, staffId, startsAt, endsAt, approvedBy } = grant;
      const surface = openSurface(row);
      await additions.add('use', grantId, { recordingId, value: { grantId, requestId, workOrderId, startedAt: startsAt, trackId, staffId } }, startsAt);
      await consent.note('unmask.started', { grantId, requestId, workOrderId, recordingId, trackId, staff: staffId, approved: approvedBy.join(' ').slice(0, 200), until: endsAt });
      const look = this.#start(grant, surface, found);
      await consent.watch(row.dataSubject, () => { this.#endIf(look, 'consent'); }, look.over.signal);
      await this.look();
      this.#assertOn(look);
      this.#parts.tellChange(recordingId);
      return { unmaskingId: grantId, recordingId, trackId, startsAt, endsAt };
    });
  }

  /**
   * Draws the face at a time of the media. False where nothing is sealed of it, or a later call was faster; the canvas is empty then, or shows that.
   * @throws FacePrivacyError ERR_UNMASK_REFUSED when the look is over; ERR_VAULT_INTEGRITY, which ends it.
   */
  async show(unmaskingId: string, timeUs: Microseconds): Promise<boolean> {
    const look = this.#current(unmaskingId);
    look.asked += 1;
    const asked = look.asked;
    if (performance.now() - look.judgedAtMs > FRESH_FOR_MS) await this.look();
    this.#assertOn(look);
    try {
      const crop = await look.faces.at(timeUs);
      this.#assertOn(look);
      if (crop === null) {
        if (asked === look.asked) look.surface.clear();
        return false;
      }
      const picture = await look.surface.decode(crop.jpeg).finally(() => { crop.jpeg.fill(0); });
      try {
        this.#assertOn(look);
        if (asked !== look.asked) return false;
        look.surface.draw(picture, crop.box, [...look.words, timeText(this.#parts.consent.now())]);
        return true;
      } finally {
        picture.close();
      }
    } catch (error) {
      if (this.#look === look) await this.#fail(look, error);
      throw error;
    }
  }

  /** Ends the look that goes on, if there is one. */
  end(end: UnmaskEnd): void {
    if (this.#look !== null) this.#endIf(this.#look, end);
  }

  /** Ends this look; one that is over stays so. */
  endOne(unmaskingId: string): void {
    if (this.#look?.grant.grantId === unmaskingId) this.end('ended');
  }

  /** A sign of the page. */
  present(visible: boolean): void {
    this.#visible = visible;
    this.#seenAtMs = performance.now();
    if (!visible) this.end('hidden');
  }

  /** Judges the look that goes on anew: something may have happened. Resolves when a judgement that began after the call is done. */
  async look(): Promise<void> {
    this.#stale = true;
    while (this.#stale && this.#look !== null) {
      this.#judging ??= this.#judgeAgain().finally(() => { this.#judging = null; });
      await this.#judging;
    }
  }

  #start(grant: UnmaskGrant, surface: FaceSurface, { originals, memory }: Found): Look {
    const { staffId, workOrderId, endsAt } = grant;
    const over = new AbortController();
    const look: Look = {
      grant,
      surface,
      faces: new SealedFaces(this.#parts.originals, originals),
      memory,
      words: [staffId, `# ${workOrderId.slice(0, 13)}`],
      over,
      timer: setInterval(() => { this.#tick(look); }, JUDGE_EVERY_MS),
      judgedAtMs: performance.now(),
      asked: 0,
    };
    // By a clock that nobody can set, too.
    const last = setTimeout(() => { this.#endIf(look, 'window'); }, endsAt - this.#parts.consent.now());
    over.signal.addEventListener('abort', () => { clearTimeout(last); });
    this.#look = look;
    return look;
  }

  #tick(look: Look): void {
    if (this.#look !== look) return;
    if (!this.#isSeen()) this.end('hidden');
    else if (performance.now() - look.judgedAtMs > JUDGED_FOR_MS) this.end('failed');
    else this.look().catch((error: unknown) => { this.#parts.tell({ kind: 'error', data: toErrorReport(error, 'ERR_WORKER_LOST') }); });
  }

  async #judgeAgain(): Promise<void> {
    const look = this.#look;
    this.#stale = false;
    if (look === null) return;
    const beganMs = performance.now();
    try {
      const { facts, row } = await this.#find(look.grant.requestId, look);
      const factor = row === null || row.restriction !== null ? 'item' : unmaskEndedBy(look.grant, facts, this.#parts.consent.time());
      if (factor !== null) this.#endIf(look, factor);
      else if (!this.#isSeen()) this.#endIf(look, 'hidden');
      else look.judgedAtMs = beganMs;
    } catch (error) {
      await this.#fail(look, error);
    }
  }

  async #find(requestId: string, going: Look | null): Promise<Found> {
    const { recordings, originals, consent, trust } = this.#parts;
    const view = await this.#book.view();
    const request = view.requests.find(({ statement }) => statement.id === requestId)?.statement ?? null;
    const workOrder = view.orders.find(({ statement }) => statement.id === request?.content.workOrderId)?.statement ?? null;
    const { recordingId = going?.grant.recordingId ?? '', trackId = going?.grant.trackId ?? -1 } = request?.content ?? {};
    const memory = going?.memory ?? memoryOf(await consent.auditLog(), view);
    const row = await findRecording(recordings, recordingId);
    const kept = row === null ? [] : (await Promise.all(idsOf(row).map((id) => originals.list(id)))).flat().filter((original) => original.trackId === trackId);
    const grounds = row === null ? 'unclear' : await consent.stands(row.dataSubject, ['sealed-originals']);
    const { now } = view;
    const mine = kept.filter(({ dataSubject }) => dataSubject === row?.dataSubject);
    const open = row !== null && standingOf(itemOf(row), now) !== 'due' ? mine.filter((original) => standingOf(originalItemOf(original, row.holds), now) !== 'due') : [];
    const facts: UnmaskFacts = {
      staff: this.#staff.staff,
      workOrder,
      request,
      decisions: view.decisions.map(({ statement }) => statement),
      recordingId,
      trackId,
      ...withMemory(view, memory),
      consent: grounds,
      item: open.length > 0 ? 'kept' : mine.length > 0 ? 'erasing' : 'erased',
      approvalsNeeded: trust.approvalsNeeded,
    };
    return { facts, row, originals: open, memory };
  }

  async #refused(requestId: string, { facts: { recordingId, trackId, workOrder } }: Found, error: FacePrivacyError): Promise<FacePrivacyError> {
    const factor = String(error.details['factor'] ?? error.code);
    const ids = { requestId, recordingId, trackId, factor, ...(workOrder === null ? {} : { workOrderId: workOrder.id }) };
    await this.#staff.refused('unmask.refused', error, ids);
    return error;
  }

  /** What cannot be read, or cannot be trusted, ends the look. */
  async #fail(look: Look, error: unknown): Promise<void> {
    this.#endIf(look, 'failed');
    const observed = error instanceof FacePrivacyError ? observationOf(error) : null;
    if (observed !== null) await this.#parts.consent.report(observed);
  }

  #endIf(look: Look, end: UnmaskEnd): void {
    if (this.#look !== look) return;
    this.#look = null;
    this.#lastEnd = end;
    // First of all.
    look.surface.clear();
    look.faces.close();
    clearInterval(look.timer);
    look.over.abort();
    const { grantId, recordingId, trackId, staffId, workOrderId } = look.grant;
    this.#parts.tell({ kind: 'unmask-ended', data: { unmaskingId: grantId, end } });
    this.#parts.consent.note('unmask.ended', { grantId, workOrderId, recordingId, trackId, staff: staffId, end }).then(
      () => { this.#parts.tellChange(recordingId); },
      // A log that cannot be written is no log: the desk closes.
      (error: unknown) => { this.#parts.tell({ kind: 'error', data: toErrorReport(error, 'ERR_STORAGE_FAILED') }); },
    );
  }

  #isSeen(): boolean {
    return this.#visible && performance.now() - this.#seenAtMs <= SEEN_FOR_MS;
  }

  #current(unmaskingId: string): Look {
    if (this.#look?.grant.grantId !== unmaskingId) throw this.#overError();
    return this.#look;
  }

  #assertOn(look: Look): void {
    if (this.#look !== look) throw this.#overError();
  }

  #overError(): FacePrivacyError {
    return new FacePrivacyError('ERR_UNMASK_REFUSED', 'This look is over.', { details: { factor: this.#lastEnd } });
  }
}

/** Without a request there is no order either; what is missing is the request. */
function refusalOf(refusal: UnmaskRefusal, { request }: UnmaskFacts): UnmaskRefusal {
  return refusal.factor === 'work-order' && request === null ? { ...refusal, factor: 'request', message: 'There is no such request here.' } : refusal;
}

/** To the second, in universal time. */
function timeText(now: EpochMs): string {
  return `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
