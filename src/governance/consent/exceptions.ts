import { isObject } from '../../core/options.ts';

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

/** The reason given each time an exception is used; it goes with the code into the audit log. */
export interface ExceptionUse {
  readonly code: ExceptionCode;
  /** What happened, 10 to 500 characters; no names. */
  readonly reason: string;
}

/**
 * Throws unless `value` names an exception that the app has configured, and a reason.
 * @param configured the codes that the app opened the ledger with.
 * @param list the list that the operation goes by: 9.5 for sharing, 5.6 for everything else.
 * @throws TypeError that names field, value and fix.
 */
export function checkExceptionUse(value: unknown, configured: readonly ExceptionCode[], list: ExceptionList): asserts value is ExceptionUse {
  if (!isObject(value)) throw new TypeError('exception must be an object { code, reason }.');
  const { code, reason } = value;
  if (!isExceptionCode(code)) {
    throw new TypeError(`exception.code must be one of ${Object.keys(EXCEPTIONS).join(', ')}, got '${String(code)}'.`);
  }
  if (EXCEPTIONS[code].list !== list) throw new TypeError(`exception.code must be of GB/T 35273-2020, ${list}, got '${code}'.`);
  if (!configured.includes(code)) {
    throw new TypeError(`exception.code '${code}' is not configured; name it in openConsentLedger({ exceptions }) if it really applies.`);
  }
  if (typeof reason !== 'string' || reason.trim().length < 10 || reason.length > 500) {
    throw new TypeError('exception.reason must say in 10 to 500 characters why the exception applies.');
  }
}
