import { FacePrivacyError, toErrorReport } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import { may } from '../governance/access/permission.ts';
import type { AuditEntry } from '../governance/audit/entry.ts';
import { idsOf } from '../vault/recording-rows.ts';
import { CaseDesk } from './case-desk.ts';
import type { FaceSurface } from './face-painter.ts';
import { HoldDesk } from './hold-desk.ts';
import { checkAuditFilter, checkId } from './inputs.ts';
import type { ReviewParts } from './ports.ts';
import type { AuditFilter, Submitted, UnmaskingFacts, UnmaskRequestItem, WorkOrderItem } from './protocol.ts';
import { StaffDesk } from './staff-desk.ts';
import { orderItem, requestItem, StatementBook } from './statement-book.ts';
import { UnmaskDesk } from './unmask-desk.ts';

/**
 * Staff review as the worker sees it: everything that is asked of it goes through whoever is signed in, and nothing is believed that was not
 * verified or read here.
 */
export class ReviewOffice {
  readonly staff: StaffDesk;
  readonly cases: CaseDesk;
  readonly holds: HoldDesk;
  readonly #parts: ReviewParts;
  readonly #book: StatementBook;
  readonly #unmask: UnmaskDesk;

  constructor(parts: ReviewParts) {
    this.#parts = parts;
    this.staff = new StaffDesk(parts, () => { this.#unmask.end('staff'); });
    this.#book = new StatementBook(parts);
    this.cases = new CaseDesk(parts, this.staff, this.#book);
    this.holds = new HoldDesk(parts, this.staff);
    this.#unmask = new UnmaskDesk(parts, this.staff, this.#book);
  }

  /** Erases what is kept of reviews of recordings that are gone. @returns how many rows. */
  async tidy(): Promise<number> {
    const { additions, recordings, consent } = this.#parts;
    const known = new Set((await recordings.list()).flatMap(idsOf));
    const left = (await additions.recordingIds()).filter((id) => !known.has(id));
    if (left.length === 0) return 0;
    // In the log first: what it says and does not come about is the lesser fault.
    await consent.note('retention.erased', { reason: 'purpose-met', reviewRows: await additions.count(left) });
    return additions.erase(left);
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STATEMENT_*, ERR_UNMASK_REFUSED, ERR_MEDIA_INVALID; all of them audited. */
  async submit(token: string): Promise<Submitted> {
    if (this.staff.staff === null) return this.staff.deny('submit', { kind: 'work-order' });
    try {
      const { submitted, keep } = await this.#book.verify(token);
      await keep();
      this.changed();
      return submitted;
    } catch (error) {
      if (error instanceof FacePrivacyError && error.code !== 'ERR_STORAGE_FAILED') {
        const { factor = error.code, field } = error.details;
        await this.staff.refused(error.code === 'ERR_UNMASK_REFUSED' ? 'unmask.refused' : 'access.refused', error, { action: 'submit', factor: String(factor), ...(field === undefined ? {} : { field: String(field) }) });
      }
      throw error;
    }
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED, ERR_VAULT_INTEGRITY. */
  async workOrders(): Promise<WorkOrderItem[]> {
    // The most that could be: whoever may not even read their own may read none.
    const { content: staff } = await this.staff.require('read', { kind: 'work-order', assignedTo: [this.#staffId] });
    const view = await this.#book.view();
    return view.orders.map((order) => orderItem(order, view)).filter(({ assignedTo }) => may(staff, 'read', { kind: 'work-order', assignedTo }));
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED, ERR_VAULT_INTEGRITY. */
  async requests(): Promise<UnmaskRequestItem[]> {
    const { content: staff } = await this.staff.require('read', { kind: 'unmask-request', requestedBy: this.#staffId });
    const view = await this.#book.view();
    return view.requests.map((request) => requestItem(request, view, this.#parts.trust.approvalsNeeded)).filter(({ by }) => may(staff, 'read', { kind: 'unmask-request', requestedBy: by }));
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STATEMENT_INVALID for an unknown id, ERR_STORAGE_FAILED. */
  async closeWorkOrder(workOrderId: string): Promise<void> {
    const { content: { staffId } } = await this.staff.require('close', { kind: 'work-order' }, { workOrderId });
    const order = (await this.#book.view()).orders.find(({ statement }) => statement.id === workOrderId)?.statement;
    if (order === undefined) throw unknownError('work-order');
    await this.#end(workOrderId, order.content.recordingId, staffId, 'work-order.closed');
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STATEMENT_INVALID for an unknown id, ERR_STORAGE_FAILED. */
  async revokeRequest(requestId: string): Promise<void> {
    const { content: { staffId } } = await this.staff.require('revoke', { kind: 'unmask-request' }, { requestId });
    const request = (await this.#book.view()).requests.find(({ statement }) => statement.id === requestId)?.statement;
    if (request === undefined) throw unknownError('unmask-request');
    await this.#end(requestId, request.content.recordingId, staffId, 'unmask.revoked');
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async auditLog(filter: AuditFilter): Promise<AuditEntry[]> {
    checkAuditFilter(filter);
    const { from = 0, codes } = filter;
    await this.staff.require('read', { kind: 'audit-log' });
    return (await this.#parts.consent.auditLog()).filter(({ sequence, code }) => sequence >= from && (codes === undefined || codes.includes(code)));
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async exportAudit(): Promise<Blob> {
    await this.staff.require('export', { kind: 'audit-log' });
    return this.#parts.consent.exportAudit();
  }

  /** A bundle of another device was opened here, after it was verified. @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async noteBundle(manifestId: string): Promise<void> {
    checkId('noteBundle', 'manifestId', manifestId);
    const { content: { staffId } } = await this.staff.require('play', { kind: 'recording' }, { manifestId });
    await this.#parts.consent.note('review.bundle-opened', { manifestId, staff: staffId });
  }

  unmask(requestId: string, openSurface: (size: Size) => FaceSurface): Promise<UnmaskingFacts> {
    return this.#unmask.begin(requestId, openSurface);
  }

  show(unmaskingId: string, timeUs: number): Promise<boolean> {
    return this.#unmask.show(unmaskingId, timeUs);
  }

  endUnmasking(unmaskingId: string): void {
    this.#unmask.endOne(unmaskingId);
  }

  present(visible: boolean): void {
    this.#unmask.present(visible);
  }

  /** Something happened, here, on the page or in another tab: a look that goes on is judged anew. */
  changed(): void {
    this.#unmask.look().catch((error: unknown) => { this.#parts.tell({ kind: 'error', data: toErrorReport(error, 'ERR_WORKER_LOST') }); });
  }

  /** What was due has been erased. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  async swept(): Promise<void> {
    this.changed();
    await this.tidy();
    this.#parts.tellChange(null);
  }

  /** Storage was taken away: what was seen can be judged no more. */
  lose(): void {
    this.#unmask.end('failed');
  }

  /** Ends a look and signs out. */
  async close(): Promise<void> {
    this.#unmask.end('lost');
    await this.staff.signOut('closed');
  }

  get #staffId(): string {
    return this.staff.staff?.content.staffId ?? '';
  }

  async #end(id: string, recordingId: string, by: string, code: 'work-order.closed' | 'unmask.revoked'): Promise<void> {
    const { consent, additions, tellChange } = this.#parts;
    const at = consent.now();
    await consent.note(code, { ...(code === 'unmask.revoked' ? { requestId: id } : { workOrderId: id }), recordingId, staff: by });
    await additions.add('ended', id, { recordingId, value: { id, by, at } }, at);
    this.changed();
    tellChange(recordingId);
  }
}

function unknownError(kind: string): FacePrivacyError {
  return new FacePrivacyError('ERR_STATEMENT_INVALID', `There is no such ${kind} here.`, { details: { kind, field: 'id' } });
}
