import type { AlbumContent } from './album-content.ts';
import type { IndexedPicture } from '../core/album.ts';
import { nameGroups, standingOf } from '../core/album-grouping.ts';
import { asFacePrivacyError, FacePrivacyError, type ErrorCode } from '../core/errors.ts';
import { checkOptions, isObject, matching, type OptionRules } from '../core/options.ts';
import type { FeaturesInternals } from './face-features.ts';
import { assertGrant } from '../governance/consent/grant.ts';

/** A picture to be read into an album. */
export interface AlbumPicture {
  /** The app's name for it, 1 to 200 characters; kept under a seal. */
  readonly pictureId: string;
  /** It stays the caller's; of an animated picture the first frame is read. */
  readonly picture: Blob | ImageBitmap;
  /** The person's word that the faces in this picture may be grouped. Must be said of each, and be true. */
  readonly mayBeGrouped: true;
}

/** How to work on many pictures. */
export interface AlbumWorkOptions {
  /** Stops after the picture that is being read. What was read is kept; adding the same pictures again goes on from there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AlbumProgress) => void;
}

/** How far it is. */
export interface AlbumProgress {
  readonly phase: 'reading' | 'grouping';
  /** Pictures that are done with, of {@link AlbumProgress.total}. */
  readonly done: number;
  readonly total: number;
}

/** What came of adding pictures. */
export interface AddReport {
  /** Read and kept; `faces` counts those that are good enough to be grouped. */
  readonly added: readonly { readonly pictureId: string; readonly faces: number }[];
  /** In the album already. */
  readonly known: readonly string[];
  /** Could not be read; nothing of them is kept. */
  readonly skipped: readonly { readonly pictureId: string; readonly error: FacePrivacyError }[];
}

/** Faults that come of one picture: the others go on. */
const PICTURE_FAULTS: readonly ErrorCode[] = ['ERR_PICTURE_INVALID', 'ERR_PICTURE_TOO_LARGE', 'ERR_DETECTOR_FAILED', 'ERR_DETECTOR_TIMEOUT', 'ERR_EMBEDDER_FAILED'];

/** @internal What work on an album needs. */
export interface AlbumWork {
  readonly internals: FeaturesInternals;
  readonly content: AlbumContent;
  readonly signal: AbortSignal;
  readonly onProgress: AlbumWorkOptions['onProgress'];
  /** To be told of what has changed. */
  readonly onChange: () => void;
}

/** @internal True for what may be a name or id of an app. */
export const isId = (value: unknown): boolean => typeof value === 'string' && value.length > 0 && value.length <= 200;
/** @internal Rules of {@link AlbumWorkOptions}. */
export const workRules: OptionRules<AlbumWorkOptions> = {
  signal: matching('an AbortSignal', (value) => value instanceof AbortSignal),
  onProgress: matching('a function', (value) => typeof value === 'function'),
};

/** @internal Reads and keeps pictures one after the other; what was kept is told of also when it ends early. */
export async function addPictures(work: AlbumWork, list: readonly AlbumPicture[]): Promise<AddReport> {
  const { internals, content, onProgress } = work;
  const added: { pictureId: string; faces: number }[] = [];
  const known: string[] = [];
  const skipped: { pictureId: string; error: FacePrivacyError }[] = [];
  try {
    for (const [done, picture] of list.entries()) {
      onProgress?.({ phase: 'reading', done, total: list.length });
      const { pictureId } = picture;
      try {
        const faces = content.knows(pictureId) ? null : await addPicture(work, picture);
        if (faces === null) known.push(pictureId);
        else added.push({ pictureId, faces });
      } catch (error) {
        const fault = asFacePrivacyError(error, 'ERR_PICTURE_INVALID');
        if (!PICTURE_FAULTS.includes(fault.code)) throw error;
        skipped.push({ pictureId, error: fault });
      }
    }
  } finally {
    if (added.length > 0) {
      const faces = added.reduce((sum, picture) => sum + picture.faces, 0);
      await internals.note('album.added', { albumId: content.albumId, pictures: added.length, faces });
      work.onChange();
    }
  }
  return { added, known, skipped };
}

/** How many faces were kept; null for a picture that another tab has added meanwhile. */
async function addPicture({ internals, content, signal }: AlbumWork, { pictureId, picture }: AlbumPicture): Promise<number | null> {
  const { grant } = internals;
  const { albumId, loads } = content;
  let rowId = '';
  const reports = await internals.look('FaceAlbum.add', [picture], { signal }, (remote, [request]) => {
    if (request?.kind !== 'picture') throw new TypeError('a picture makes a request for a picture');
    // What the log of the embedder calls it, too: it never hears the app's name for it.
    rowId = request.pictureId;
    return remote.readPicture(albumId, request, grant.validUntil);
  });
  let kept = false;
  try {
    return await content.locked(async () => {
      assertWanted(signal);
      assertGrant(grant, 'FaceAlbum.add');
      if (content.knows(pictureId)) return null;
      const faces = reports.map(({ faceId, box, rotationDeg }) => ({ faceId, box, rotationDeg }));
      const row: IndexedPicture = { rowId, pictureId, faces, addedAt: content.now(), expiresAt: grant.validUntil };
      await content.add(row, reports.map(({ template }) => template), loads);
      kept = true;
      return faces.length;
    });
  } finally {
    // The worker must not know a template that was not kept.
    if (!kept && !internals.signal.aborted) await content.forget(reports.map(({ faceId }) => faceId));
  }
}

/** @internal Groups what is there. `afresh`: all but what the person has merged or split. */
export function regroup({ internals, content, signal, onProgress, onChange }: AlbumWork, afresh: boolean): Promise<void> {
  return content.locked(async () => {
    assertWanted(signal);
    const total = content.pictures.length;
    onProgress?.({ phase: 'grouping', done: total, total });
    const { albumId } = content;
    const { kept, standing, apart } = standingOf(content.grouping, afresh);
    const requestId = crypto.randomUUID();
    const cancel = (): void => {
      internals.call((remote) => remote.cancel(requestId)).catch((error: unknown) => {
        // Features that are closing end it by themselves.
        if (!internals.signal.aborted) internals.failed(error);
      });
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const found = await internals.call((remote) => remote.group(albumId, { requestId, standing, apart }));
      assertWanted(signal);
      assertGrant(internals.grant, 'FaceAlbum.group');
      await content.regroup(nameGroups(kept, found, () => crypto.randomUUID()));
      await internals.note('album.grouped', { albumId, faces: found.reduce((sum, { length }) => sum + length, 0), groups: found.length });
    } finally {
      signal.removeEventListener('abort', cancel);
    }
    onChange();
  });
}

/** @internal @throws TypeError for a picture that lacks something, by its name. */
export function checkPictures(pictures: unknown): asserts pictures is readonly AlbumPicture[] {
  if (!Array.isArray(pictures)) throw new TypeError('FaceAlbum.add: pictures must be a list of { pictureId, picture, mayBeGrouped: true }.');
  for (const [i, picture] of (pictures as unknown[]).entries()) {
    const pictureId = isObject(picture) ? picture['pictureId'] : undefined;
    const owner = `FaceAlbum.add: pictures[${i}]${typeof pictureId === 'string' ? ` ('${pictureId.slice(0, 60)}')` : ''}`;
    checkOptions<AlbumPicture>(
      owner,
      picture,
      {
        pictureId: matching('1 to 200 characters', isId),
        picture: matching('a Blob or an ImageBitmap', (value) => value instanceof Blob || value instanceof ImageBitmap),
        mayBeGrouped: matching('true: the person must have said that its faces may be grouped', (value) => value === true),
      },
      ['pictureId', 'picture', 'mayBeGrouped'],
    );
  }
}

/** @internal @throws FacePrivacyError ERR_ABORTED, or the reason of the signal where it is one. */
export function assertWanted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw signal.reason instanceof FacePrivacyError ? signal.reason : new FacePrivacyError('ERR_ABORTED', 'It was cancelled.', { cause: signal.reason });
}

