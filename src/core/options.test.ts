import { describe, expect, it } from 'vitest';
import { checkOptions, integerBetween, matching, numberBetween, oneOf } from './options.ts';

interface Example {
  readonly size: number;
  readonly count?: number;
  readonly mode?: string;
}
const check = (value: unknown): void => {
  checkOptions<Example>(
    'example',
    value,
    { size: numberBetween(0, 10), count: integerBetween(1, 3), mode: oneOf(['a', 'b']) },
    ['size'],
  );
};

describe('checkOptions', () => {
  it('accepts what the rules allow, and a key that is undefined', () => {
    expect(() => { check({ size: 10, count: 3, mode: 'a' }); }).not.toThrow();
    expect(() => { check({ size: 0, count: undefined }); }).not.toThrow();
  });

  it.each([
    ['an unknown key', { size: 1, sise: 2 }, "example.sise is not an option. Known options: size, count, mode."],
    ['a missing key', { count: 1 }, 'example.size is missing; expected a number from 0 to 10.'],
    ['a number as string', { size: '1' }, "example.size must be a number from 0 to 10, got '1'."],
    ['NaN', { size: NaN }, 'example.size must be a number from 0 to 10, got NaN.'],
    ['a number out of range', { size: 11 }, 'example.size must be a number from 0 to 10, got 11.'],
    ['a fraction for a count', { size: 1, count: 1.5 }, 'example.count must be a whole number from 1 to 3, got 1.5.'],
    ['another word', { size: 1, mode: 'c' }, "example.mode must be one of 'a', 'b', got 'c'."],
    ['an array', [], 'example must be an object, got [object Array].'],
    ['null', null, 'example must be an object, got null.'],
  ])('refuses %s with option, value and fix', (_name, value, message) => {
    expect(() => { check(value); }).toThrow(new TypeError(message));
  });

  it('does not take inherited names for options', () => {
    expect(() => { check({ size: 1, toString: 1 }); }).toThrow(/example\.(toString|constructor) /);
    expect(() => { checkOptions('x', JSON.parse('{"__proto__": 1}'), { a: matching('a', () => true) }); }).toThrow(/__proto__ is not an option/);
  });
});
