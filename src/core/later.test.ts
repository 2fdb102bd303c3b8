import { expect, it } from 'vitest';
import { later } from './later.ts';

it('gives the part, or says that it did not arrive', async () => {
  expect(await later(Promise.resolve(1))).toBe(1);
  const cause = new TypeError('Failed to fetch dynamically imported module');
  await expect(later(Promise.reject(cause))).rejects.toMatchObject({ name: 'FacePrivacyError', code: 'ERR_ASSET_MISSING', cause });
});
