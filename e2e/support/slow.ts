import type { TestType } from '@playwright/test';

/** Whoever waits longer sees more: everything that `npm test` leaves out to stay under ten minutes on two cores. */
export const isPatient = process.env['BAUTA_SLOW_TESTS'] === '1';
export const PATIENCE = 'slow: set BAUTA_SLOW_TESTS=1 to run it';

/** Declares a test that shows at length what others show in part; `npm test` leaves it out. */
export function slow<A extends object, B extends object>(test: TestType<A, B>): TestType<A, B> | TestType<A, B>['skip'] {
  return isPatient ? test : test.skip;
}
