/** The two lists of GB/T 35273-2020: going without consent (5.6), sharing without prior consent (9.5). */
export type ExceptionList = '5.6' | '9.5';

/** One exception; the letter is that of the standard's item. */
export type ExceptionCode = `35273-5.6-${'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j' | 'k'}` | `35273-9.5-${'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g'}`;

const LETTERS: Readonly<Record<ExceptionList, string>> = { '5.6': 'abcdefghijk', '9.5': 'abcdefg' };

/** The closed lists (TAF-5.1g, TAF-5.4c). None applies unless the app names its code when it opens the ledger. */
export const EXCEPTIONS = Object.freeze(
  Object.fromEntries(Object.entries(LETTERS).flatMap(([list, letters]) => [...letters].map((letter) => [`35273-${list}-${letter}`, Object.freeze({ list })]))),
) as Readonly<Record<ExceptionCode, { readonly list: ExceptionList }>>;

/** True for a code of one of the two lists. */
export function isExceptionCode(value: unknown): value is ExceptionCode {
  return typeof value === 'string' && Object.hasOwn(EXCEPTIONS, value);
}
