import type { GrantContext } from '../governance/consent/grant-context.ts';
import type { RetentionItem } from '../governance/retention/item.ts';
import type { RecordingRow } from './recording-rows.ts';

/** What its sound does to a recording: everything else of a row is the same with and without. */
type Heard = Pick<RecordingRow, 'format' | 'manifest' | 'sound'>;

/** True while there is sound in it. */
export function hasSound({ sound }: Pick<RecordingRow, 'sound'>): boolean {
  return sound !== null && sound !== undefined;
}

/** The recording as if it had never had sound: its file is as long, plays, and has its own manifest. */
export function withoutSound<Row extends Heard>(row: Row): Row {
  const { sound } = row;
  return sound === null || sound === undefined ? row : { ...row, format: sound.silent.format, manifest: sound.silent.manifest, sound: null };
}

/**
 * The recording as it may be used at this moment: with its sound only while consent to exactly that stands, and never past its time. On any doubt
 * without.
 * @throws FacePrivacyError ERR_STORAGE_FAILED.
 */
export async function asHeard<Row extends Heard & Pick<RecordingRow, 'dataSubject'>>(row: Row, { now, stands }: Pick<GrantContext, 'now' | 'stands'>): Promise<Row> {
  const { sound } = row;
  if (sound === null || sound === undefined || sound.ending !== null || sound.expiresAt <= now()) return withoutSound(row);
  return (await stands(row.dataSubject, ['sound-recording'])) === 'stands' ? row : withoutSound(row);
}

/**
 * The sound as the rules of retention see it; null where there is none. A dispute about the recording holds it past its time, and not past its own
 * consent: nobody could listen to it any more.
 */
export function soundItemOf({ recordingId, dataSubject, holds, sound }: RecordingRow): RetentionItem | null {
  if (sound === null || sound === undefined) return null;
  const { createdAt, expiresAt, ending } = sound;
  return {
    itemId: recordingId,
    category: 'recorded-sound',
    purpose: 'sound-recording',
    dataSubject,
    createdAt,
    expiresAt,
    ending,
    holds: ending === null ? holds : [],
    parts: { keys: { ids: [recordingId], bytes: 0 }, media: { ids: [recordingId], bytes: 0 } },
  };
}
