import type { MediaSummary } from '../core/recording.ts';
import type { EpochMs, Microseconds } from '../core/time.ts';
import type { RedactionManifest } from '../governance/manifest/manifest.ts';
import { hasSound } from '../vault/kept-sound.ts';
import type { RecordingRow } from '../vault/recording-rows.ts';

/** A recording that is complete. */
export interface RecordingSummary extends MediaSummary {
  readonly recordingId: string;
  readonly expiresAt: EpochMs;
  readonly manifest: RedactionManifest;
  /** It has sound, kept under its own consent. */
  readonly hasSound: boolean;
  /** Frames that came faster than they could be encoded or kept. */
  readonly framesDropped: number;
}

/** A recording as the shelf lists it. */
export interface RecordingInfo {
  readonly recordingId: string;
  /** `running`: in this or another tab; `cut-off`: its page ended before it did, it can be read and restored. */
  readonly state: 'running' | 'cut-off' | 'complete' | 'restored';
  readonly source: 'recording' | 'file';
  readonly mimeType: string;
  /** It has sound, and consent to that stands. */
  readonly hasSound: boolean;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly durationUs: Microseconds;
  readonly frames: number;
  /** Of the media file. */
  readonly bytes: number;
  /** The person asked that it be kept and not used: it is not opened until they lift that. */
  readonly isRestricted: boolean;
}

/** @internal @param row as it may be heard now. */
export function infoOf({ recordingId, state, about, format, createdAt, expiresAt, durationUs, frames, bytes, restriction, ...row }: RecordingRow, running: ReadonlySet<string>): RecordingInfo {
  const shown = state === 'open' ? (running.has(recordingId) ? 'running' : 'cut-off') : state;
  return { recordingId, state: shown, source: about.source, mimeType: format.mimeType, hasSound: hasSound(row), createdAt, expiresAt, durationUs, frames, bytes, isRestricted: restriction !== null };
}
