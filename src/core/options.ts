/** One rule for one option: returns nothing when the value is fine, or what is expected of it. */
export type OptionRule = (value: unknown) => string | null;

/** The rules of an options object: every key that may occur. */
export type OptionRules<T> = { readonly [K in keyof Required<T>]: OptionRule };

/** A number from `min` to `max`, finite. */
export const numberBetween =
  (min: number, max: number): OptionRule =>
  (value) =>
    typeof value === 'number' && value >= min && value <= max ? null : `a number from ${String(min)} to ${String(max)}`;

/** A whole number from `min` to `max`. */
export const integerBetween =
  (min: number, max: number): OptionRule =>
  (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? null
      : `a whole number from ${String(min)} to ${String(max)}`;

/** One of the given strings. */
export const oneOf =
  (values: readonly string[]): OptionRule =>
  (value) =>
    typeof value === 'string' && values.includes(value) ? null : `one of ${values.map((v) => `'${v}'`).join(', ')}`;

/** Any value for which `test` holds; `expected` says what that is. */
export const matching =
  (expected: string, test: (value: unknown) => boolean): OptionRule =>
  (value) =>
    test(value) ? null : expected;

/** A URL, absolute or relative to the page. */
export const urlHere: OptionRule = matching('a URL, absolute or relative to the page', (value) => typeof value === 'string' && value !== '' && URL.canParse(value, location.href));

/** True for objects that are not arrays or functions. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Checks an options object at the edge of the library. Nothing is corrected: an unknown key, a missing required key or
 * a value that breaks its rule throws. A key whose value is `undefined` counts as left out.
 * @param owner how the object is called in messages, for example `openRedactionSession.detection`.
 * @throws TypeError that names option, value and what is expected.
 */
export function checkOptions<T extends object>(
  owner: string,
  value: unknown,
  rules: OptionRules<T>,
  required: readonly (keyof T & string)[] = [],
): asserts value is T {
  if (!isObject(value)) throw new TypeError(`${owner} must be an object, got ${show(value)}.`);
  for (const key of required) {
    if (value[key] === undefined) {
      throw new TypeError(`${owner}.${key} is missing; expected ${rules[key](undefined) ?? 'a value'}.`);
    }
  }
  for (const [key, given] of Object.entries(value)) {
    // Own keys only: `toString` is no option because objects have one.
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof T] : undefined;
    if (rule === undefined) {
      throw new TypeError(`${owner}.${key} is not an option. Known options: ${Object.keys(rules).join(', ')}.`);
    }
    if (given === undefined) continue;
    const expected = rule(given);
    if (expected !== null) throw new TypeError(`${owner}.${key} must be ${expected}, got ${show(given)}.`);
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`;
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value);
  return String(value);
}
