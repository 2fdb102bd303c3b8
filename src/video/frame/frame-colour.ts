import type { YuvColour } from '../../core/pixels.ts';

/** What WebCodecs names it besides the matrices that the DOM types list. */
type MatrixName = VideoMatrixCoefficients | 'bt2020-ncl' | null | undefined;

/**
 * How the Y'CbCr of a frame becomes RGB. A frame that does not say (null) is taken as BT.601 with limited range at any
 * size: so do the conversions of Chromium 156 itself, also at 1280x720, and so do the webcams that leave it open.
 */
export function yuvColourOf(space: VideoColorSpaceInit | null): YuvColour {
  const matrix = space?.matrix as MatrixName;
  switch (matrix) {
    case 'bt709':
    case 'bt2020-ncl':
      return { matrix: matrix === 'bt709' ? 'bt709' : 'bt2020', fullRange: space?.fullRange === true };
    case 'bt470bg':
    case 'smpte170m':
      return { matrix: 'bt601', fullRange: space?.fullRange === true };
    default:
      return { matrix: 'bt601', fullRange: false };
  }
}
