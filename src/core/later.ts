import { FacePrivacyError } from './errors.ts';

/**
 * A part of the library that a page gets when it is needed: `later(import('./part.ts'))`. Nothing that ends a grant or takes back a consent may
 * come this way, so that no page can be kept from it.
 * @throws FacePrivacyError ERR_ASSET_MISSING where it does not arrive.
 */
export async function later<T>(part: Promise<T>): Promise<T> {
  try {
    return await part;
  } catch (cause) {
    throw new FacePrivacyError('ERR_ASSET_MISSING', 'A part of the library could not be loaded; serve all of its files and load the page anew.', { cause });
  }
}
