import { checkOptions, isObject, matching } from '../../core/options.ts';
import type { EpochMs, Milliseconds } from '../../core/time.ts';
import { checkDataSubject, checkPurposes } from './answers.ts';
import { EXCEPTIONS, isExceptionCode, type ExceptionCode, type ExceptionList } from './exceptions.ts';
import type { Notice } from './notice.ts';
import type { Purpose } from './purposes.ts';
import type { ExceptionEntry } from './store.ts';

/** A grant under an exception is over after an hour: an emergency that lasts is told again. */
export const EXCEPTION_VALID_MS: Milliseconds = 3600 * 1000;

/** A use of an exception: no consent is asked (GB/T 35273-2020, 5.6 and 9.5). */
export interface ExceptionInput {
  /** One of the codes that the ledger was opened with. */
  readonly code: ExceptionCode;
  /** What happened, 10 to 500 characters, no names. It is kept beside the audit log. */
  readonly reason: string;
  readonly purposes: readonly Purpose[];
  readonly dataSubject: string;
}

/**
 * Checks a use of an exception against the notice in force; a copy of it, each purpose once.
 * @param configured the codes that the ledger was opened with.
 * @throws TypeError that names field, value and fix.
 */
export function checkException(input: ExceptionInput, notice: Notice, configured: readonly ExceptionCode[]): ExceptionInput {
  const any = matching('a value', (value) => value !== undefined);
  checkOptions<ExceptionInput>('requireByException', input, { code: any, reason: any, purposes: any, dataSubject: any }, ['code', 'reason', 'purposes', 'dataSubject']);
  checkDataSubject('requireByException', input.dataSubject);
  const purposes = checkPurposes('requireByException', input.purposes);
  const list = EXCEPTIONS[input.code]?.list ?? '5.6';
  if (purposes.some((purpose) => (purpose === 'sharing') !== (list === '9.5'))) {
    throw new TypeError(`requireByException.purposes must fit the list ${list}: 9.5 is for 'sharing' alone, 5.6 for everything else.`);
  }
  const unnamed = purposes.find((purpose) => !notice.purposes.some((entry) => entry.purpose === purpose));
  if (unnamed !== undefined) throw new TypeError(`requireByException.purposes must be purposes of the notice, got '${unnamed}'.`);
  checkExceptionUse({ code: input.code, reason: input.reason }, configured, list);
  const { code, reason, dataSubject } = input;
  return { code, reason, purposes, dataSubject };
}

/** The row that is kept of a use. */
export function exceptionEntry(use: ExceptionInput, usedAt: EpochMs): ExceptionEntry {
  return { exceptionId: crypto.randomUUID(), ...use, usedAt };
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
