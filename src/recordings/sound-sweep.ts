import type { EpochMs } from '../core/time.ts';
import { standingOf, type RetentionItem } from '../governance/retention/item.ts';
import type { Purpose } from '../governance/consent/purposes.ts';
import { soundItemOf } from '../vault/kept-sound.ts';
import type { RecordingRow } from '../vault/recording-rows.ts';
import type { RecordingStore } from '../vault/recording-store.ts';

/**
 * @internal Marks the sound of recordings whose consent to sound has ended, and erases what is due of it; the pictures stay. Running recordings are no
 * exception: what comes after has no place to go.
 * @param ended whether consent that something rests on is over.
 * @returns the sound that stays.
 * @throws FacePrivacyError ERR_STORAGE_FAILED; what is left is erased by the next sweep.
 */
export async function sweepSound(
  recordings: RecordingStore,
  now: EpochMs,
  ended: (kept: Pick<RecordingRow, 'dataSubject' | 'consentRecordId'>, purpose: Purpose) => Promise<boolean>,
): Promise<RetentionItem[]> {
  const kept: RetentionItem[] = [];
  for (const row of await recordings.list()) {
    const { recordingId, dataSubject, sound } = row;
    const item = soundItemOf(row);
    if (sound === null || sound === undefined || item === null) continue;
    const isOver = item.ending === null && item.expiresAt > now && (await ended({ dataSubject, consentRecordId: sound.consentRecordId }, 'sound-recording'));
    const standing = isOver ? 'due' : standingOf(item, now);
    if (standing === 'due') await recordings.sounds.erase(recordingId, isOver ? 'withdrawn' : null, now);
    else kept.push(item);
  }
  return kept;
}
