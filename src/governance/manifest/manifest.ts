import { FacePrivacyError } from '../../core/errors.ts';
import { LIBRARY } from '../../core/library.ts';
import { isObject } from '../../core/options.ts';
import type { MediaSummary } from '../../core/recording.ts';
import { REDACTION_METHODS, type RedactionStyle } from '../../core/redaction.ts';
import { Sha256Stream } from '../../core/sha256-stream.ts';
import type { EpochMs, Microseconds } from '../../core/time.ts';
import { isDigest } from '../audit/entry.ts';
import { signDocument, verifyDocument, type DocumentExpectation, type DocumentProof, type Sign } from '../signed-document.ts';
import type { SecondOfCovers } from './cover-ledger.ts';

/** A file that the redaction rested on. */
export interface ManifestModel {
  readonly file: string;
  readonly sha256: string;
}

/** How faces were covered from a moment on. */
export interface ManifestStyle extends RedactionStyle {
  readonly fromUs: Microseconds;
}

/** The self-tests of one model in the time of the media: a known face was found, or was not. */
export interface ManifestSelfTest {
  readonly model: string;
  readonly passed: number;
  readonly failed: number;
}

/** Settings that say how generously and how long faces were covered; see the options of a session. */
export interface ManifestSettings {
  readonly engine: string;
  readonly margin: number;
  readonly holdMs: number;
  readonly delayFrames: number;
  readonly maxAgeMs: number;
  readonly threshold: number;
}

/** What became of the sound: it is not in the medium, or it is, as it was heard, under consent to this purpose. A kept voice is not disguised. */
export type ManifestAudio = { readonly policy: 'dropped'; readonly purpose: null } | { readonly policy: 'kept'; readonly purpose: 'sound-recording' };

/** What a manifest tells of a recording or redacted file. */
export interface ManifestContent {
  readonly madeAt: EpochMs;
  /** Web origin of the browser that redacted. */
  readonly origin: string;
  /** `recording`: of a live track; `file`: of a video that existed, in two passes. */
  readonly source: 'recording' | 'file';
  /** Null for a file that was not kept. */
  readonly recordingId: string | null;
  /** Id of the manifest of the redacted medium that this one was made of, by covering more or taking out its sound; null for all others. */
  readonly basedOn: string | null;
  readonly models: readonly ManifestModel[];
  readonly settings: ManifestSettings;
  readonly styles: readonly ManifestStyle[];
  readonly covers: readonly SecondOfCovers[];
  readonly selfTests: readonly ManifestSelfTest[];
  readonly audio: ManifestAudio;
  /** How many audio tracks of the source are not in the medium. */
  readonly audioTracksDropped: number;
  /** False for a recording that was cut off and put in order later. */
  readonly complete: boolean;
  readonly media: Omit<MediaSummary, 'container' | 'codec'> & {
    readonly bytes: number;
    /** SHA-256 of the media file, hexadecimal. */
    readonly sha256: string;
  };
}

/** What was done to a media file, signed by the browser that did it. */
export interface RedactionManifest extends ManifestContent, DocumentProof {
  readonly kind: 'redaction-manifest';
  readonly version: 1;
  readonly manifestId: string;
  readonly library: { readonly name: string; readonly version: string };
}

const text = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= 200;
const count = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const amount = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
type Rules = Readonly<Record<string, (value: unknown) => boolean>>;
const exactly =
  (rules: Rules) =>
  (value: unknown): boolean =>
    isObject(value) && Object.keys(value).length === Object.keys(rules).length && Object.entries(rules).every(([key, fits]) => Object.hasOwn(value, key) && fits(value[key]));
const listOf =
  (fits: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(fits);

/** Of a medium without sound. */
const SILENT: ManifestAudio = Object.freeze({ policy: 'dropped', purpose: null });
/** Of one with the sound that its person agreed to keep. */
export const SOUND_KEPT: ManifestAudio = Object.freeze({ policy: 'kept', purpose: 'sound-recording' });
const isPolicy = (value: unknown): boolean => value === 'dropped' || value === 'kept';
const isPolicyPurpose = (value: unknown): boolean => value === null || value === 'sound-recording';

const FIELDS: Readonly<Record<Exclude<keyof RedactionManifest, 'kind' | 'origin' | keyof DocumentProof>, (value: unknown) => boolean>> = {
  version: (value) => value === 1,
  manifestId: text,
  madeAt: count,
  library: exactly({ name: text, version: text }),
  source: (value) => value === 'recording' || value === 'file',
  recordingId: (value) => value === null || text(value),
  basedOn: (value) => value === null || text(value),
  models: listOf(exactly({ file: text, sha256: isDigest })),
  settings: exactly({ engine: text, margin: amount, holdMs: amount, delayFrames: count, maxAgeMs: amount, threshold: amount }),
  styles: listOf(exactly({ fromUs: amount, method: (value) => (REDACTION_METHODS as readonly unknown[]).includes(value), strength: amount })),
  covers: listOf(exactly({ second: count, frames: count, regions: count, wholeFrames: count })),
  selfTests: listOf(exactly({ model: text, passed: count, failed: count })),
  audio: (value) => exactly({ policy: isPolicy, purpose: isPolicyPurpose })(value) && ((value as ManifestAudio).policy === 'kept') === ((value as ManifestAudio).purpose !== null),
  audioTracksDropped: count,
  complete: (value) => typeof value === 'boolean',
  media: exactly({ mimeType: text, width: count, height: count, frames: count, durationUs: amount, bytes: count, sha256: isDigest }),
};

/** What a manifest is made of; left out: based on no other, without sound. */
export type NewManifest = Omit<ManifestContent, 'basedOn' | 'audio'> & Partial<Pick<ManifestContent, 'basedOn' | 'audio'>>;

/**
 * Makes the manifest of a media file. @param sign the browser's key, see `GrantContext.sign`.
 * @throws TypeError that names a field that is malformed.
 */
export async function createManifest(content: NewManifest, sign: Sign): Promise<RedactionManifest> {
  const manifest = { basedOn: null, audio: SILENT, ...content, kind: 'redaction-manifest', version: 1, manifestId: crypto.randomUUID(), library: { ...LIBRARY } } as const;
  const faulty = Object.entries(FIELDS).find(([field, fits]) => !fits(manifest[field as keyof typeof manifest]));
  if (faulty !== undefined) throw new TypeError(`${faulty[0]} of a redaction manifest is malformed.`);
  return signDocument(manifest, sign);
}

/** How a manifest is verified. */
export interface ManifestExpectation {
  /** The web origin that must have made it; left out: whatever it names. */
  readonly origin?: string;
  /** Id of the key that must have signed. Without it a manifest proves that nothing was changed, not who made it. */
  readonly keyId?: string;
  /** Ends it with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Verifies a manifest and that the media file is the one it was made for, both to the last byte. The media is read piece by piece.
 * @returns a copy of the manifest.
 * @throws FacePrivacyError ERR_MANIFEST_INVALID with `details.field`; `media.sha256` or `media.bytes` where the file is another one.
 */
export async function verifyManifest(manifest: unknown, media: Blob, { origin, keyId, signal }: ManifestExpectation = {}): Promise<RedactionManifest> {
  const named = isObject(manifest) && typeof manifest['origin'] === 'string' ? manifest['origin'] : '';
  const expected: DocumentExpectation = { origin: origin ?? named, ...(keyId === undefined ? {} : { keyId }) };
  const verified = (await verifyDocument(manifest, 'redaction-manifest', FIELDS, expected).catch((error: unknown) => {
    throw error instanceof FacePrivacyError ? new FacePrivacyError('ERR_MANIFEST_INVALID', error.message, { cause: error, details: error.details }) : error;
  })) as unknown as RedactionManifest;
  if (media.size !== verified.media.bytes) throw otherMedia('media.bytes');
  if ((await hashOfMedia(media, signal)) !== verified.media.sha256) throw otherMedia('media.sha256');
  return verified;
}

/** SHA-256 of a file, without holding it in memory as a whole. */
export async function hashOfMedia(media: Blob, signal?: AbortSignal): Promise<string> {
  const hash = new Sha256Stream();
  for await (const bytes of media.stream()) {
    signal?.throwIfAborted();
    hash.update(bytes);
  }
  return hash.hex();
}

function otherMedia(field: string): FacePrivacyError {
  return new FacePrivacyError('ERR_MANIFEST_INVALID', `${field} of the redaction manifest does not fit: the media was changed, or is another one.`, { details: { field } });
}
