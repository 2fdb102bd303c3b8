import type { MediaFormat, MediaSummary, SealedPart, SealedPiece, SealedTimeline } from '../core/recording.ts';
import type { EpochMs } from '../core/time.ts';
import type { Purpose } from '../governance/consent/purposes.ts';
import type { SecondOfCovers } from '../governance/manifest/cover-ledger.ts';
import type { ManifestContent, RedactionManifest } from '../governance/manifest/manifest.ts';
import type { ErasedCounts, ErasureReason } from '../governance/retention/erasure-receipt.ts';
import type { RetentionItem } from '../governance/retention/item.ts';

/** What a manifest will say of a recording, as far as it is known when it begins. */
export type RecordingAbout = Pick<ManifestContent, 'models' | 'settings' | 'styles' | 'selfTests' | 'source' | 'audioTracksDropped'>;

/** What a recording is kept for and until when; the same words as for everything that is kept. */
export interface Keeping {
  readonly category: 'redacted-recording';
  readonly purpose: Purpose;
  /** Pseudonym of the person whose consent it rests on. */
  readonly dataSubject: string;
  /** Id of that consent's record; null under an exception. */
  readonly consentRecordId: string | null;
  readonly createdAt: EpochMs;
  /** From then on it is not opened, and swept unless a dispute holds it. */
  readonly expiresAt: EpochMs;
}

/** What may change in a kept recording, by `RecordingStore.update` alone. */
export interface RecordingStanding extends Pick<RetentionItem, 'holds' | 'ending'> {
  /** The rights request that restricts it: kept, and neither played nor shared until that is lifted. Erasing goes on as ever. */
  readonly restriction: { readonly requestId: string; readonly since: EpochMs } | null;
}

/** The sound of a recording as it is kept: apart from the picture, under its own consent, key and time. */
export interface KeptSound {
  /** Not exportable. With it goes all of the sound, and nothing else. */
  readonly key: CryptoKey;
  /** Of the consent to keep sound, given apart from that to the recording. */
  readonly consentRecordId: string;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
  /** Why it has to go although its time is not over, and the picture need not. */
  readonly ending: RetentionItem['ending'];
  /** The file without it; its manifest comes with the end of the recording. */
  readonly silent: { readonly format: MediaFormat; readonly manifest: RedactionManifest | null };
}

/** A recording as it is kept. */
export interface RecordingRow extends Keeping, RecordingStanding, Pick<MediaSummary, 'width' | 'height' | 'frames' | 'durationUs'> {
  readonly recordingId: string;
  /** `open`: it runs, or was cut off; `complete`: it ended in order; `restored`: it was cut off and put in order. */
  readonly state: 'open' | 'complete' | 'restored';
  /** Ids of the cut-off recordings that it was restored from: what was sealed beside those belongs to it. */
  readonly formerIds: readonly string[];
  /** While it is made out of a recording that was cut off: the id of that one. Until it takes its place nobody is shown it, and a crash leaves nothing of it. */
  readonly rewrites?: string;
  readonly format: MediaFormat;
  /** Not exportable. With it goes everything. */
  readonly key: CryptoKey;
  /** The pieces are numbered 0 to `pieces` - 1. */
  readonly pieces: number;
  /** Of the media file. */
  readonly bytes: number;
  readonly about: RecordingAbout;
  readonly manifest: RedactionManifest | null;
  /** Null, or left out, where there is none, or no more. Format and manifest above are those of the file with it. */
  readonly sound?: KeptSound | null;
}

/** A recording that begins; what it stands with comes with time. */
export type RecordingBegun = Pick<RecordingRow, 'recordingId' | 'format' | 'about' | 'key' | 'rewrites' | 'sound'> & Keeping;

/** A piece as it is kept, with what was covered and where the tracks were in its time. */
export interface KeptPiece extends Omit<SealedPiece, 'sound'> {
  readonly covers: readonly SecondOfCovers[];
  /** Null where nothing was gathered for it. */
  readonly timeline: SealedTimeline | null;
}

/** Sound of a piece as it is kept. */
export interface KeptSoundPart extends SealedPart {
  readonly recordingId: string;
  readonly sequence: number;
}

/** A piece on its way into the store; its sound lies apart from it. */
export type NewPiece = KeptPiece & Pick<SealedPiece, 'sound'>;

/** What completes a recording. */
export interface RecordingCompletion {
  readonly state: 'complete' | 'restored';
  /** Of the file without sound. */
  readonly summary: MediaSummary;
  /** The first piece anew. */
  readonly header: SealedPiece;
  /** What was gathered after the last piece was written, sealed for the first one. */
  readonly timeline: SealedTimeline | null;
  /** Of the file without sound. */
  readonly manifest: RedactionManifest;
  /** Of the file with its sound; left out where there was none. It counts only if the sound is still kept at that moment. */
  readonly withSound?: { readonly manifest: RedactionManifest; readonly format: MediaFormat };
  readonly about: RecordingAbout;
  /** Id of the cut-off recording whose place it takes. */
  readonly replaces?: string;
}

/** What an erasure destroyed. */
export interface ErasedRecording {
  readonly rows: number;
  readonly keys: number;
  readonly media: number;
}

/** An erasure that is done and not told yet; written in the transaction that erased, so that no crash loses it. */
export interface Erasure {
  /** Given by the store; rises. */
  readonly erasureId: number;
  readonly itemId: string;
  /** Id of the recording that it was, or belonged to. */
  readonly belongsTo: string;
  readonly reason: ErasureReason;
  readonly dataSubject: string | null;
  readonly erasedAt: EpochMs;
  readonly erased: ErasedCounts;
  /** Of the receipt that tells of it, where only the audit log does not yet. */
  readonly receiptId?: string;
}

/** The row as the rules of retention see it. */
export function itemOf({ recordingId, purpose, dataSubject, createdAt, expiresAt, ending, holds, bytes }: RecordingRow): RetentionItem {
  return {
    itemId: recordingId,
    category: 'redacted-media',
    purpose,
    dataSubject,
    createdAt,
    expiresAt,
    ending,
    holds,
    parts: { keys: { ids: [recordingId], bytes: 0 }, media: { ids: [recordingId], bytes } },
  };
}

/** Every id under which something may have been kept for this recording. */
export function idsOf({ recordingId, formerIds }: Pick<RecordingRow, 'recordingId' | 'formerIds'>): readonly string[] {
  return [recordingId, ...formerIds];
}
