import { guardStorage } from './open-database.ts';

/**
 * Runs `work` while no other tab of this origin runs work under the same name: what lies in two databases is changed by one hand at
 * a time, and a sweep never meets a write that is half done. A tab that crashes gives the lock back (Web Locks).
 * @throws FacePrivacyError ERR_STORAGE_FAILED where the browser has no locks, or whatever `work` throws.
 */
export function withVaultLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  return guardStorage(() => navigator.locks.request(`bauta:${name}`, work) as Promise<T>);
}
