import { cropFace } from '../core/face-alignment.ts';
import type { FaceCrop } from '../core/face-crop.ts';
import type { Detection } from '../core/faces.ts';
import type { AlbumFaceReport, EmbedderCall, ProbeRequest, QualityCheck, QualityFault } from '../core/features-protocol.ts';
import type { Box, Point } from '../core/geometry.ts';
import type { EpochMs } from '../core/time.ts';
import type { FaceVector } from './embedder.ts';
import { assertWanted, overwrite } from './face-views.ts';
import type { OpenGallery } from './open-gallery.ts';
import { decodePicture } from './picture-decoder.ts';
import type { PictureSearcher } from './picture-searcher.ts';
import { judgeQuality } from './quality-gate.ts';
import type { TemplateBits } from './template-protection.ts';

/** What reads pictures into an album. */
export interface AlbumReaderParts {
  readonly searcher: PictureSearcher;
  /** **Takes** the crops; the vectors are the caller's, who overwrites them. */
  readonly embed: (crops: readonly FaceCrop[], origin: EmbedderCall['origin']) => Promise<FaceVector[]>;
  /** The album's keys and templates. */
  readonly gallery: OpenGallery;
  readonly signal: AbortSignal;
}

/**
 * An album asks less of a face than a comparison of two does: several faces of a person help each other, and what is doubtful stays alone. The
 * grouping was measured on faces of all poses of LFW; light, size and sharpness are asked for as always.
 */
const ALBUM_LIMITS: Readonly<Partial<Record<QualityCheck, number>>> = { confidence: 0.6, yaw: 45, pitch: 40, roll: 180 };

interface AlbumFace {
  readonly box: Box;
  readonly rotationDeg: number;
  readonly crop: FaceCrop;
}

/**
 * Reads one picture into an album: finds every face, embeds those that are good enough, and keeps their protected templates in the
 * album's memory; faces that are not are nowhere kept. Pixels, crops and vectors are overwritten on the way; after an error nothing of
 * the picture is in the album. Borrows a Blob, **takes** an ImageBitmap.
 * @throws FacePrivacyError ERR_PICTURE_*, ERR_DETECTOR_*, ERR_SELF_TEST_FAILED, ERR_EMBEDDER_FAILED, ERR_ABORTED, ERR_SESSION_CLOSED.
 */
export async function readAlbumPicture(
  { searcher, embed, gallery, signal }: AlbumReaderParts,
  { picture, pictureId }: Extract<ProbeRequest, { kind: 'picture' }>,
  expiresAt: EpochMs,
): Promise<readonly AlbumFaceReport[]> {
  if (signal.aborted && picture instanceof ImageBitmap) picture.close();
  assertWanted(signal);
  const faces = await findFaces(searcher, picture, signal);
  if (faces.length === 0) return [];
  const vectors = await embed(faces.map(({ crop }) => crop), { kind: 'picture', pictureId });
  const read: { bits: TemplateBits; report: AlbumFaceReport }[] = [];
  try {
    for (const [i, { box, rotationDeg }] of faces.entries()) {
      assertWanted(signal);
      const faceId = crypto.randomUUID();
      const bits = gallery.protect(vectors[i]!);
      read.push({ bits, report: { faceId, box, rotationDeg, template: await gallery.seal(faceId, bits, expiresAt) } });
    }
    assertWanted(signal);
    for (const { bits, report } of read) gallery.templates.put(report.faceId, bits);
    return read.map(({ report }) => report);
  } finally {
    overwrite(vectors);
    for (const { bits } of read) bits.fill(0);
  }
}

async function findFaces(searcher: PictureSearcher, picture: Blob | ImageBitmap, signal: AbortSignal): Promise<AlbumFace[]> {
  const pixels = await decodePicture(picture);
  const faces: AlbumFace[] = [];
  try {
    assertWanted(signal);
    const found = await searcher.search(pixels);
    for (const face of found) {
      const crop = cropFace(pixels, face, found.length - 1);
      if (crop !== null) faces.push({ box: face.box, rotationDeg: rotationOf(face), crop });
    }
    assertWanted(signal);
    return faces.filter(({ crop }) => {
      // Each face of the picture is meant: none of them disturbs another.
      const good = judgeQuality(crop, { chosen: true }).faults.every(isBearable);
      if (!good) crop.rgb.fill(0);
      return good;
    });
  } catch (error) {
    for (const { crop } of faces) crop.rgb.fill(0);
    throw error;
  } finally {
    pixels.data.fill(0);
  }
}

function isBearable({ check, value, wanted }: QualityFault): boolean {
  const limit = ALBUM_LIMITS[check];
  return limit !== undefined && (wanted === 'less' ? value <= limit : value >= limit);
}

/** How far the line of the eyes is turned from level, clockwise, degrees, above -180, to 180; 0 without keypoints. */
export function rotationOf({ keypoints }: Pick<Detection, 'keypoints'>): number {
  const [rightEye, leftEye]: readonly (Point | undefined)[] = keypoints;
  if (rightEye === undefined || leftEye === undefined) return 0;
  // The person's right eye is on the left of the picture; y grows downwards.
  return (Math.atan2(leftEye.y - rightEye.y, leftEye.x - rightEye.x) * 180) / Math.PI;
}
