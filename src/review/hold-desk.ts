import { FacePrivacyError } from '../core/errors.ts';
import { placeHold, releaseHold } from '../governance/retention/holds.ts';
import type { Hold } from '../governance/retention/item.ts';
import { itemOf } from '../vault/recording-rows.ts';
import { checkHold } from './inputs.ts';
import type { ReviewParts } from './ports.ts';
import type { HeldRecording, HoldInput } from './protocol.ts';
import type { StaffDesk } from './staff-desk.ts';

/** Disputes for which recordings are kept longer (TAF-5.5b). */
export class HoldDesk {
  readonly #parts: ReviewParts;
  readonly #staff: StaffDesk;

  constructor(parts: ReviewParts, staff: StaffDesk) {
    this.#parts = parts;
    this.#staff = staff;
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_HOLD_REFUSED, ERR_MEDIA_INVALID, ERR_STORAGE_FAILED. */
  async place(recordingId: string, input: HoldInput): Promise<Hold> {
    checkHold(input);
    const { consent, recordings, tellChange } = this.#parts;
    const { content: { staffId: owner } } = await this.#staff.require('hold', { kind: 'retention' }, { recordingId });
    const ask = { reason: input.reason, owner, until: input.until };
    const found = await recordings.find(recordingId);
    if (found === null) throw unknownError(recordingId);
    const { hold } = placeHold(itemOf(found), ask, consent.now());
    // First the log: what it says and does not come about is a lesser fault than the other way round.
    await consent.note('retention.hold-placed', { recordingId, holdId: hold.holdId, staff: owner, until: hold.until });
    const row = await recordings.update(recordingId, (kept) => {
      placeHold(itemOf(kept), ask, consent.now()); // It may be due by now.
      return { ...kept, holds: [...kept.holds, hold] };
    });
    if (row === null) throw unknownError(recordingId);
    tellChange(recordingId);
    return hold;
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_HOLD_REFUSED, ERR_MEDIA_INVALID, ERR_STORAGE_FAILED. */
  async release(recordingId: string, holdId: string): Promise<void> {
    const { consent, recordings, tellChange } = this.#parts;
    const { content: { staffId } } = await this.#staff.require('release', { kind: 'retention' }, { recordingId });
    const found = await recordings.find(recordingId);
    if (found === null) throw unknownError(recordingId);
    releaseHold(itemOf(found), holdId, consent.now());
    await consent.note('retention.hold-released', { recordingId, holdId, staff: staffId });
    const row = await recordings.update(recordingId, (kept) => ({ ...kept, holds: releaseHold(itemOf(kept), holdId, consent.now()).holds }));
    if (row === null) throw unknownError(recordingId);
    tellChange(recordingId);
  }

  /** @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async list(recordingId: string | null): Promise<HeldRecording[]> {
    await this.#staff.require('read', { kind: 'retention' });
    const rows = await this.#parts.recordings.list();
    return rows.filter((row) => recordingId === null || row.recordingId === recordingId).flatMap((row) => row.holds.map((hold) => ({ ...hold, recordingId: row.recordingId })));
  }
}

function unknownError(recordingId: string): FacePrivacyError {
  return new FacePrivacyError('ERR_MEDIA_INVALID', 'There is no such recording.', { details: { reason: 'unknown', recordingId } });
}
