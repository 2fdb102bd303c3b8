/** What signed documents name as their maker; the same as in package.json. */
export const LIBRARY = Object.freeze({ name: 'bauta', version: '0.1.0' } as const);
