import { idsOf, type RecordingRow } from '../vault/recording-rows.ts';
import type { ReviewRecordings } from './ports.ts';

/** The recording of this id, also under an id that it had before it was restored; null when there is none. */
export async function findRecording(recordings: ReviewRecordings, recordingId: string): Promise<RecordingRow | null> {
  const direct = await recordings.find(recordingId);
  return direct ?? (await recordings.list()).find((row) => idsOf(row).includes(recordingId)) ?? null;
}
