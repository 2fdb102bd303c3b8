import type { AlbumGrouping } from './album-grouping.ts';
import type { Box } from './geometry.ts';
import type { EpochMs } from './time.ts';

/** A face of an album picture, as it is kept beside its protected template. */
export interface IndexedFace {
  /** Random; also the id of its template. */
  readonly faceId: string;
  /** Pixels of the upright picture. */
  readonly box: Box;
  /** Clockwise, degrees. */
  readonly rotationDeg: number;
}

/** A picture of an album: what is known of it, without a pixel. */
export interface IndexedPicture {
  /** Random. */
  readonly rowId: string;
  /** The app's name for it. */
  readonly pictureId: string;
  readonly faces: readonly IndexedFace[];
  readonly addedAt: EpochMs;
  readonly expiresAt: EpochMs;
}

/** All that an album knows. */
export interface AlbumIndex {
  readonly pictures: readonly IndexedPicture[];
  readonly grouping: AlbumGrouping;
}
