import { describe, expect, it } from 'vitest';
import { EXCEPTION_TITLES } from './exception-titles.ts';
import { checkExceptionUse } from './exception-input.ts';
import { EXCEPTIONS, isExceptionCode, type ExceptionCode } from './exceptions.ts';

const codes = Object.keys(EXCEPTIONS) as ExceptionCode[];
const reason = 'A court asked for the recording.';

describe('EXCEPTIONS', () => {
  it('are the eleven of 5.6 and the seven of 9.5, each with a title in both languages [TAF-5.1g] [TAF-5.4c]', () => {
    expect(codes.filter((code) => EXCEPTIONS[code].list === '5.6').map((code) => code.at(-1))).toEqual([...'abcdefghijk']);
    expect(codes.filter((code) => EXCEPTIONS[code].list === '9.5').map((code) => code.at(-1))).toEqual([...'abcdefg']);
    expect(Object.keys(EXCEPTION_TITLES)).toEqual(codes);
    for (const code of codes) {
      expect(code).toBe(`35273-${EXCEPTIONS[code].list}-${code.at(-1) ?? ''}`);
      expect(EXCEPTION_TITLES[code]['zh-CN']).toMatch(/^[\p{Script=Han}、，]+$/u);
      expect(EXCEPTION_TITLES[code].en).toMatch(/^[A-Z][\x20-\x7e]{10,}$/);
    }
  });

  it('are closed', () => {
    expect(codes.every(isExceptionCode)).toBe(true);
    for (const other of ['35273-5.6-l', '35273-9.5-h', '5.6-a', 'toString', '', null, 1]) expect(isExceptionCode(other)).toBe(false);
  });
});

describe('checkExceptionUse', () => {
  it('lets a configured exception with a reason through [TAF-5.1g] [TAF-5.4c]', () => {
    expect(() => { checkExceptionUse({ code: '35273-5.6-d', reason }, ['35273-5.6-d'], '5.6'); }).not.toThrow();
    expect(() => { checkExceptionUse({ code: '35273-9.5-a', reason }, ['35273-9.5-a'], '9.5'); }).not.toThrow();
  });

  it.each(codes)('%s is off unless the app names it [TAF-5.1g] [TAF-5.4c]', (code) => {
    const others = codes.filter((other) => other !== code);
    expect(() => { checkExceptionUse({ code, reason }, others, EXCEPTIONS[code].list); }).toThrow(`exception.code '${code}' is not configured`);
    expect(() => { checkExceptionUse({ code, reason }, [], EXCEPTIONS[code].list); }).toThrow('is not configured');
  });

  it.each<[string, unknown, string]>([
    ['no object', null, 'exception must be an object'],
    ['an unknown code', { code: '35273-5.6-z', reason }, "exception.code must be one of 35273-5.6-a, "],
    ['a code of the other list', { code: '35273-9.5-d', reason }, "exception.code must be of GB/T 35273-2020, 5.6, got '35273-9.5-d'."],
    ['no reason', { code: '35273-5.6-d' }, 'exception.reason must say in 10 to 500 characters'],
    ['a reason of blanks', { code: '35273-5.6-d', reason: '            ' }, 'exception.reason must say'],
    ['a reason without end', { code: '35273-5.6-d', reason: 'x'.repeat(501) }, 'exception.reason must say'],
  ])('refuses %s [TAF-5.1g]', (_name, use, message) => {
    expect(() => { checkExceptionUse(use, codes, '5.6'); }).toThrow(message);
  });
});
