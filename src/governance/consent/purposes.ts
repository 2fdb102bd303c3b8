/** What frames, or what comes of them, may be used for. Closed; an app's own purposes are `app:` names (TAF-5.3a). */
export const PURPOSES = Object.freeze([
  'live-redacted-view',
  'staff-review',
  'redacted-recording',
  'sound-recording',
  'feature-extraction',
  'comparison',
  'album-grouping',
  'sealed-originals',
  'sharing',
] as const);

/** One of {@link PURPOSES}. */
export type LibraryPurpose = (typeof PURPOSES)[number];

/** A purpose of the library, or one of the app's own: `app:` and up to 60 lower-case letters, digits and hyphens. */
export type Purpose = LibraryPurpose | `app:${string}`;

/** Purposes that use or uncover what identifies a face: each needs its own explicit answer (MEG-separate). */
export const BIOMETRIC_PURPOSES: readonly LibraryPurpose[] = Object.freeze(['feature-extraction', 'comparison', 'album-grouping', 'sealed-originals'] as const);

const OWN_PURPOSE = /^app:[a-z0-9][a-z0-9-]{0,59}$/;

/** True for a purpose of the library and for a well-formed one of an app. */
export function isPurpose(value: unknown): value is Purpose {
  return typeof value === 'string' && ((PURPOSES as readonly string[]).includes(value) || OWN_PURPOSE.test(value));
}

const CAPTURE = Object.freeze(['live-redacted-view', 'staff-review'] as const) satisfies readonly LibraryPurpose[];
const COMPARE = Object.freeze(['comparison'] as const) satisfies readonly LibraryPurpose[];
const EXTRACT = Object.freeze(['feature-extraction'] as const) satisfies readonly LibraryPurpose[];
const RECORD = Object.freeze(['redacted-recording'] as const) satisfies readonly LibraryPurpose[];
const SHARE = Object.freeze(['sharing'] as const) satisfies readonly LibraryPurpose[];
const SOUND = Object.freeze(['sound-recording'] as const) satisfies readonly LibraryPurpose[];
const GROUP = Object.freeze(['album-grouping'] as const) satisfies readonly LibraryPurpose[];

/**
 * Each operation of the library and the purposes that allow it: a grant must hold at least one of them (TAF-5.3a).
 * A picture may be taken to be seen redacted or to be reviewed; whatever else is done with it needs its purpose besides.
 */
export const OPERATIONS = Object.freeze({
  openCamera: CAPTURE,
  openRedactionSession: CAPTURE,
  'RedactionSession.setSource': CAPTURE,
  openPictureRedactor: CAPTURE,
  'PictureRedactor.redact': CAPTURE,
  openFaceFeatures: Object.freeze([...EXTRACT, ...COMPARE, ...GROUP] as const),
  'FaceFeatures.claim': Object.freeze([...EXTRACT, ...COMPARE] as const),
  'FaceFeatures.extract': EXTRACT,
  openFaceGallery: COMPARE,
  'FaceGallery.enrol': COMPARE,
  'FaceGallery.verify': COMPARE,
  'FaceGallery.identify': COMPARE,
  openFaceAlbum: GROUP,
  'FaceAlbum.add': GROUP,
  'FaceAlbum.group': GROUP,
  openRecording: RECORD,
  openRecordings: RECORD,
  keepSound: SOUND,
  sealOriginals: Object.freeze(['sealed-originals'] as const),
  redactFile: Object.freeze([...CAPTURE, ...RECORD] as const),
  shareRecording: SHARE,
} as const) satisfies Readonly<Record<string, readonly LibraryPurpose[]>>;

/** One of the library's operations that need a grant. */
export type Operation = keyof typeof OPERATIONS;
