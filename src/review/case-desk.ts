import { FacePrivacyError, toErrorReport, type ErrorReport } from '../core/errors.ts';
import type { CaseNotes, ManualBox, ReviewDecision, ReviewNote, ReviewOutcome } from '../core/review.ts';
import { samePerson } from '../governance/access/permission.ts';
import type { Action } from '../governance/access/roles.ts';
import type { Statement } from '../governance/access/statement.ts';
import { observationOf } from '../governance/observation-of.ts';
import { verifyManifest } from '../governance/manifest/manifest.ts';
import { isHeld, standingOf } from '../governance/retention/item.ts';
import { blobOfPieces } from '../vault/blob-of-pieces.ts';
import { asHeard, hasSound } from '../vault/kept-sound.ts';
import { idsOf, itemOf, type RecordingRow } from '../vault/recording-rows.ts';
import { timesOf } from './case-timeline.ts';
import { findRecording } from './find-recording.ts';
import { checkBox, checkDecision, checkNote } from './inputs.ts';
import { ROLES_BY_ORDER, type ReviewParts } from './ports.ts';
import type { CaseContent, ManualBoxInput, QueueFilter, ReviewItem, ReviewState } from './protocol.ts';
import type { StaffDesk } from './staff-desk.ts';
import { orderItem, requestItem, type BookView, type StatementBook } from './statement-book.ts';

/** Recordings in review: listed, opened redacted, annotated, decided. What is added stays (TAF-5.3b, TAF-5.3c). */
export class CaseDesk {
  readonly #parts: ReviewParts;
  readonly #staff: StaffDesk;
  readonly #book: StatementBook;
  /** Ids of recordings that were handed out with their sound. */
  readonly #heard = new Set<string>();

  constructor(parts: ReviewParts, staff: StaffDesk, book: StatementBook) {
    this.#parts = parts;
    this.#staff = staff;
    this.#book = book;
  }

  /** What there is, newest first; nothing that is due, or whose person has withdrawn. @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async queue({ state, mine = false, from = -Infinity, to = Infinity, held }: QueueFilter): Promise<ReviewItem[]> {
    const staff = await this.#staff.require('list', { kind: 'recording' });
    const [rows, view] = await Promise.all([this.#parts.recordings.list(), this.#book.view()]);
    const items: ReviewItem[] = [];
    for (const row of rows) {
      if (row.createdAt < from || row.createdAt > to || (await this.#endOf(row)) !== null) continue;
      const item = await this.#itemOf(row, view);
      if ((state === undefined || item.state === state) && (held === undefined || item.held === held) && (!mine || this.#hasOrder(staff, row, view))) items.push(item);
    }
    return items;
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_RESTRICTED, ERR_MEDIA_INVALID, ERR_CONSENT_*, ERR_VAULT_INTEGRITY, ERR_MANIFEST_INVALID. */
  async open(recordingId: string): Promise<CaseContent> {
    const { recordings, additions, consent, originals, tellChange } = this.#parts;
    const { row: kept, staff } = await this.#require('play', recordingId);
    // With its sound only while consent to that stands.
    const row = await asHeard(kept, consent);
    try {
      const [media, samples, sealed] = await Promise.all([blobOfPieces(recordings.read(row), row.format.mimeType), recordings.timeline(row), Promise.all(idsOf(row).map((id) => originals.list(id)))]);
      const manifestVerdict = await this.#verdictOf(row, media);
      const covers = row.manifest?.covers ?? (await recordings.covers(row.recordingId));
      const { content: { staffId } } = staff;
      // Reading takes its time: whoever came or went meanwhile, or whatever ended, is asked for again.
      const after = await this.#require('play', recordingId);
      this.#assertSame(staff);
      if (hasSound(row) && !hasSound(await asHeard(after.row, consent))) return await this.open(recordingId);
      if (hasSound(row)) this.#heard.add(recordingId);
      await consent.note('review.opened', { recordingId: row.recordingId, staff: staffId });
      const isFirst = await additions.add('opened', row.recordingId, { recordingId: row.recordingId, value: { by: staffId, at: consent.now() } }, consent.now());
      if (isFirst) tellChange(row.recordingId);
      const item = await this.#itemOf(after.row, after.view);
      this.#assertSame(staff);
      return { item, media, manifest: row.manifest, manifestVerdict, timeline: { durationUs: row.durationUs, samples, covers, tracks: timesOf(samples, sealed.flat().map(({ trackId }) => trackId)) } };
    } catch (error) {
      const observed = error instanceof FacePrivacyError ? observationOf(error) : null;
      if (observed === null) throw error;
      // What is erased while it is read looks like what somebody has tampered with.
      const end = await this.#endedSince(row);
      if (end !== null) throw end;
      await consent.report(observed);
      throw error;
    }
  }

  /**
   * Which of these recordings nobody may see any more as they were handed out: over, withdrawn, restricted, or with sound to which consent has ended;
   * those can be opened again, without.
   * @throws FacePrivacyError ERR_STORAGE_FAILED.
   */
  async gone(recordingIds: readonly string[]): Promise<string[]> {
    const gone: string[] = [];
    for (const recordingId of recordingIds) {
      const row = await findRecording(this.#parts.recordings, recordingId);
      const isOver = row === null || (await this.#faultOf(row)) !== null || (this.#heard.has(recordingId) && !hasSound(await asHeard(row, this.#parts.consent)));
      if (!isOver) continue;
      this.#heard.delete(recordingId);
      gone.push(recordingId);
    }
    return gone;
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_RESTRICTED, ERR_MEDIA_INVALID, ERR_VAULT_INTEGRITY. */
  async notesOf(recordingId: string): Promise<CaseNotes> {
    const { row } = await this.#require('play', recordingId);
    return this.#added(row);
  }

  /** @throws TypeError; FacePrivacyError ERR_ACCESS_DENIED, ERR_RESTRICTED, ERR_MEDIA_INVALID. */
  async addBox(recordingId: string, input: ManualBoxInput): Promise<ManualBox> {
    const { row, staff } = await this.#require('annotate', recordingId);
    checkBox(input, row);
    const { fromUs, untilUs, box: { x, y, width, height } } = input;
    const box: ManualBox = { boxId: crypto.randomUUID(), fromUs, untilUs, box: { x, y, width, height }, by: staff.content.staffId, at: this.#parts.consent.now() };
    await this.#parts.consent.note('review.box-added', { recordingId: row.recordingId, boxId: box.boxId, staff: box.by });
    await this.#parts.additions.add('box', box.boxId, { recordingId: row.recordingId, value: box }, box.at);
    this.#parts.tellChange(row.recordingId);
    return box;
  }

  /** @throws TypeError; FacePrivacyError ERR_ACCESS_DENIED, ERR_RESTRICTED, ERR_MEDIA_INVALID. */
  async addNote(recordingId: string, text: string): Promise<ReviewNote> {
    checkNote(text);
    const { row, staff } = await this.#require('annotate', recordingId);
    const note: ReviewNote = { noteId: crypto.randomUUID(), text, by: staff.content.staffId, role: 'staff', at: this.#parts.consent.now() };
    await this.#parts.consent.note('review.note-added', { recordingId: row.recordingId, noteId: note.noteId, staff: note.by });
    await this.#parts.additions.add('note', note.noteId, { recordingId: row.recordingId, value: note }, note.at);
    this.#parts.tellChange(row.recordingId);
    return note;
  }

  /** @throws TypeError; FacePrivacyError ERR_ACCESS_DENIED, ERR_RESTRICTED, ERR_MEDIA_INVALID. */
  async decide(recordingId: string, outcome: ReviewOutcome, text: string): Promise<ReviewDecision> {
    checkDecision(outcome, text);
    const { row, staff } = await this.#require('decide', recordingId);
    const decision: ReviewDecision = { decisionId: crypto.randomUUID(), outcome, text, by: staff.content.staffId, at: this.#parts.consent.now() };
    await this.#parts.consent.note('review.decided', { recordingId: row.recordingId, decisionId: decision.decisionId, outcome, staff: decision.by });
    await this.#parts.additions.add('decision', decision.decisionId, { recordingId: row.recordingId, value: decision }, decision.at);
    this.#parts.tellChange(row.recordingId);
    return decision;
  }

  /** The recording, if whoever is signed in may do this to it now. */
  async #require(action: Action, recordingId: string): Promise<{ readonly row: RecordingRow; readonly view: BookView; readonly staff: Statement<'staff'> }> {
    const staff = await this.#staff.require(action, { kind: 'recording' }, { recordingId });
    const [row, view] = await Promise.all([findRecording(this.#parts.recordings, recordingId), this.#book.view()]);
    if (row === null) throw unknownError(recordingId);
    const { roles } = staff.content;
    if (roles.every((role) => ROLES_BY_ORDER.includes(role)) && !this.#hasOrder(staff, row, view)) {
      return this.#staff.deny(action, { kind: 'recording' }, { recordingId }, { factor: 'work-order', message: 'No open work order names this recording and this person.' });
    }
    const fault = await this.#faultOf(row);
    if (fault !== null) throw fault;
    return { row, view, staff };
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED when somebody else, or nobody, is signed in by now. */
  #assertSame(staff: Statement<'staff'>): void {
    if (this.#staff.staff === staff) return;
    throw new FacePrivacyError('ERR_ACCESS_DENIED', 'Whoever opened the recording is not signed in any more.', { details: { action: 'play', resource: 'recording', factor: 'staff' } });
  }

  /** Why a recording that was read a while ago is over by now. */
  async #endedSince({ recordingId }: RecordingRow): Promise<FacePrivacyError | null> {
    const row = await this.#parts.recordings.find(recordingId);
    return row === null ? unknownError(recordingId) : this.#endOf(row);
  }

  /** Why nobody may see a recording now, whatever their role; null for one that is kept or held. */
  async #faultOf(row: RecordingRow): Promise<FacePrivacyError | null> {
    const fault = await this.#endOf(row);
    if (fault !== null || row.restriction === null) return fault;
    return new FacePrivacyError('ERR_RESTRICTED', 'The person has asked that this is kept and not used.', { details: { recordingId: row.recordingId } });
  }

  /** Why a recording is over; a restricted one is not. */
  async #endOf(row: RecordingRow): Promise<FacePrivacyError | null> {
    const { consent } = this.#parts;
    const now = consent.now();
    if (standingOf(itemOf(row), now) === 'due') return unknownError(row.recordingId);
    // A dispute keeps what consent does not; without a record it rests on an exception.
    if (isHeld(row, now) || row.consentRecordId === null) return null;
    const grounds = await consent.stands(row.dataSubject, [row.purpose]);
    if (grounds === 'stands') return null;
    if (grounds === 'ended') return new FacePrivacyError('ERR_CONSENT_WITHDRAWN', 'The person does not agree any more; the recording is about to be erased.', { details: { recordingId: row.recordingId } });
    return new FacePrivacyError('ERR_CONSENT_NOTICE', 'Whether the person still agrees cannot be told now; nothing is shown.', { details: { recordingId: row.recordingId } });
  }

  async #itemOf(row: RecordingRow, view: BookView): Promise<ReviewItem> {
    const { originals, additions, consent, trust } = this.#parts;
    const ids = idsOf(row);
    const [kept, { decisions, notes, boxes }, opened] = await Promise.all([Promise.all(ids.map((id) => originals.list(id))), this.#added(row), Promise.all(ids.map((id) => additions.find('opened', id)))]);
    const decision = decisions.at(-1) ?? null;
    const touched = decisions.length + notes.length + boxes.length > 0 || opened.some((mark) => mark !== null);
    const state: ReviewState = decision !== null && decision.outcome !== 'escalate' ? 'decided' : touched ? 'in-review' : 'new';
    const { recordingId, createdAt, durationUs, width, height, expiresAt } = row;
    return {
      recordingId,
      createdAt,
      durationUs,
      width,
      height,
      expiresAt,
      state,
      workOrders: ordersOf(row, view).map(({ id }) => id),
      openRequests: view.requests.filter((request) => ids.includes(request.statement.content.recordingId) && requestItem(request, view, trust.approvalsNeeded).state === 'open').length,
      held: isHeld(row, consent.now()),
      restricted: row.restriction !== null,
      originals: [...new Set(kept.flat().map(({ trackId }) => trackId))].sort((a, b) => a - b),
      decision,
    };
  }

  async #added(row: RecordingRow): Promise<CaseNotes> {
    const all = await this.#parts.additions.notesOf(idsOf(row));
    const inOrder = <T extends { readonly at: number }>(pick: (each: CaseNotes) => readonly T[]): T[] => all.flatMap(pick).sort((a, b) => a.at - b.at);
    return { boxes: inOrder(({ boxes }) => boxes), notes: inOrder(({ notes }) => notes), decisions: inOrder(({ decisions }) => decisions) };
  }

  #hasOrder({ content: { staffId } }: Statement<'staff'>, row: RecordingRow, view: BookView): boolean {
    return ordersOf(row, view).some(({ assignedTo }) => assignedTo.some((person) => samePerson(person, staffId)));
  }

  /** A manifest that is there and false: the media were exchanged, or the manifest was. Neither is shown. */
  async #verdictOf({ manifest, recordingId }: RecordingRow, media: Blob): Promise<{ readonly valid: true } | { readonly valid: false; readonly error: ErrorReport }> {
    const { origin, keyId } = this.#parts.consent;
    if (manifest === null) {
      const missing = new FacePrivacyError('ERR_MANIFEST_INVALID', 'The recording was cut off and has no manifest: what was covered is not proved.', { details: { field: 'manifest', recordingId } });
      return { valid: false, error: toErrorReport(missing, 'ERR_MANIFEST_INVALID') };
    }
    await verifyManifest(manifest, media, { origin, keyId });
    return { valid: true };
  }
}

/** The work orders that name a recording and are open. */
function ordersOf(row: RecordingRow, view: BookView): ReturnType<typeof orderItem>[] {
  const ids = idsOf(row);
  return view.orders.map((order) => orderItem(order, view)).filter(({ recordingId, state }) => ids.includes(recordingId) && state === 'open');
}

/** What is over is not told from what never was. */
function unknownError(recordingId: string): FacePrivacyError {
  return new FacePrivacyError('ERR_MEDIA_INVALID', 'There is no such recording, or its time is over.', { details: { reason: 'unknown', recordingId } });
}
