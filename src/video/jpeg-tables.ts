/** A Huffman table as a JPEG file holds it (ITU-T T.81, B.2.4.2). */
export interface HuffmanTable {
  /** How many codes there are of 1, 2, … 16 bits. */
  readonly lengths: readonly number[];
  /** The symbols, shortest code first. */
  readonly values: readonly number[];
}

/** The code of each symbol, and its bits. */
export interface HuffmanCodes {
  readonly code: Uint16Array;
  readonly length: Uint8Array;
}

/** Place in the block of the 1st, 2nd … value of a file: in slanting lines from corner to corner (T.81, figure 5). */
export const ZIGZAG: Uint8Array = zigzag();

/** Steps of luma and of chroma, row by row (T.81, K.1). */
export const LUMA_STEPS: readonly number[] = [
  16, 11, 10, 16, 24, 40, 51, 61,
  12, 12, 14, 19, 26, 58, 60, 55,
  14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77,
  24, 35, 55, 64, 81, 104, 113, 92,
  49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
export const CHROMA_STEPS: readonly number[] = [
  17, 18, 24, 47, 99, 99, 99, 99,
  18, 21, 26, 66, 99, 99, 99, 99,
  24, 26, 56, 99, 99, 99, 99, 99,
  47, 66, 99, 99, 99, 99, 99, 99,
  ...Array<number>(32).fill(99),
];

// Huffman tables for usual pictures (T.81, K.3).
export const DC_LUMA: HuffmanTable = { lengths: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] };
export const DC_CHROMA: HuffmanTable = { lengths: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], values: DC_LUMA.values };
export const AC_LUMA: HuffmanTable = {
  lengths: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
  values: symbols(
    '01 02 03 00 04 11 05 12 21 31 41 06 13 51 61 07 22 71 14 32 81 91 a1 08 23 42 b1 c1 15 52 d1 f0 24 33 62 72 82 09 0a 16 17 18 19 1a',
    '25-2a 34-3a 43-4a 53-5a 63-6a 73-7a 83-8a 92-9a a2-aa b2-ba c2-ca d2-da e1-ea f1-fa',
  ),
};
export const AC_CHROMA: HuffmanTable = {
  lengths: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
  values: symbols(
    '00 01 02 03 11 04 05 21 31 06 12 41 51 07 61 71 13 22 32 81 08 14 42 91 a1 b1 c1 09 23 33 52 f0 15 62 72 d1 0a 16 24 34 e1 25 f1',
    '17-1a 26-2a 35-3a 43-4a 53-5a 63-6a 73-7a 82-8a 92-9a a2-aa b2-ba c2-ca d2-da e2-ea f2-fa',
  ),
};

/** Codes count up within a length and go on, doubled, at the next (T.81, C.2). */
export function codesOf({ lengths, values }: HuffmanTable): HuffmanCodes {
  const codes: HuffmanCodes = { code: new Uint16Array(256), length: new Uint8Array(256) };
  let next = 0;
  let at = 0;
  for (const [index, count] of lengths.entries()) {
    for (let i = 0; i < count; i += 1) {
      const symbol = values[at++]!;
      codes.code[symbol] = next++;
      codes.length[symbol] = index + 1;
    }
    next <<= 1;
  }
  return codes;
}

/** Single symbols, then ranges, in hexadecimal. */
function symbols(single: string, ranges: string): number[] {
  const number = (text: string | undefined): number => Number.parseInt(text ?? '', 16);
  const ranged = ranges.split(' ').flatMap((range) => {
    const [from, to] = range.split('-').map(number);
    return Array.from({ length: to! - from! + 1 }, (_, i) => from! + i);
  });
  return [...single.split(' ').map(number), ...ranged];
}

function zigzag(): Uint8Array {
  const places = Array.from({ length: 64 }, (_, place) => ({ place, line: (place >> 3) + (place & 7), row: place >> 3 }));
  places.sort((a, b) => a.line - b.line || (a.line % 2 === 0 ? b.row - a.row : a.row - b.row));
  return Uint8Array.from(places, ({ place }) => place);
}
