import type { YuvColour } from './pixels.ts';

/** Factors from Y'CbCr codes (0 to 255, chroma less 128) straight to R'G'B' in [-1, 1]. */
export interface RgbCoefficients {
  readonly lumaGain: number;
  readonly lumaStart: number;
  readonly redV: number;
  readonly greenU: number;
  readonly greenV: number;
  readonly blueU: number;
}

/** `red = luma * lumaGain + lumaStart + redV * v`, and so on; the luma weights are those of ITU-R BT.601, BT.709 and BT.2020. */
export function rgbCoefficients({ matrix, fullRange }: YuvColour): RgbCoefficients {
  const [kr, kb] = matrix === 'bt601' ? [0.299, 0.114] : matrix === 'bt709' ? [0.2126, 0.0722] : [0.2627, 0.0593];
  const kg = 1 - kr - kb;
  const lumaGain = 2 / (fullRange ? 255 : 219);
  const chromaGain = 2 / (fullRange ? 255 : 224);
  return {
    lumaGain,
    lumaStart: -1 - (fullRange ? 0 : 16 * lumaGain),
    redV: 2 * (1 - kr) * chromaGain,
    blueU: 2 * (1 - kb) * chromaGain,
    greenU: (-2 * kb * (1 - kb) * chromaGain) / kg,
    greenV: (-2 * kr * (1 - kr) * chromaGain) / kg,
  };
}
