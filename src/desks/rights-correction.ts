import { isObject } from '../core/options.ts';

/**
 * What is to be put right. A picture, or what was computed from one, is not corrected: it is erased and made again. What staff wrote is not
 * changed, since it is what they saw; the person's own word is kept and shown beside it.
 */
export type RightsCorrection =
  | { readonly itemId: string; readonly kind: 'merge-groups'; readonly groupIds: readonly [string, string] }
  | { readonly itemId: string; readonly kind: 'split-group'; readonly groupId: string; readonly faceIds: readonly string[] }
  | { readonly itemId: string; readonly kind: 'statement'; /** 1 to 2000 characters. */ readonly text: string };

const id = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= 200;
const ids = (value: unknown): value is readonly string[] => Array.isArray(value) && value.length > 0 && value.every(id) && new Set(value).size === value.length;

const FIELDS: Readonly<Record<RightsCorrection['kind'], Readonly<Record<string, (value: unknown) => boolean>>>> = {
  'merge-groups': { itemId: id, groupIds: (value) => ids(value) && value.length === 2 },
  'split-group': { itemId: id, groupId: id, faceIds: ids },
  statement: { itemId: id, text: (value) => typeof value === 'string' && value.trim() !== '' && value.length <= 2000 },
};

/** @internal @throws TypeError that names the field. */
export function checkCorrections(value: unknown): asserts value is readonly RightsCorrection[] {
  if (!Array.isArray(value)) throw new TypeError('Rights.carryOut: corrections must be a list.');
  for (const [index, correction] of value.entries()) {
    const place = `Rights.carryOut: corrections[${index}]`;
    if (!isObject(correction)) throw new TypeError(`${place} must be an object.`);
    const { kind, ...rest } = correction;
    if (typeof kind !== 'string' || !Object.hasOwn(FIELDS, kind)) throw new TypeError(`${place}.kind must be one of ${Object.keys(FIELDS).join(', ')}.`);
    const fields = FIELDS[kind as RightsCorrection['kind']];
    const faulty = Object.keys(fields).find((field) => fields[field]?.(rest[field]) !== true) ?? Object.keys(rest).find((field) => !Object.hasOwn(fields, field));
    if (faulty !== undefined) throw new TypeError(`${place}.${faulty} is missing, malformed or unknown.`);
  }
}
