import { rmSync } from 'node:fs';

/** So often and so long, milliseconds, until the processes of a browser that has gone have written their last. */
const TRIES = 50;
const PAUSE_MS = 200;

/** Removes the profile of a browser that was closed or killed: its helpers outlive it for a moment, and write. @throws Error of the last try. */
export async function removeProfile(profile: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      // rmSync's own retries list a folder only once.
      rmSync(profile, { recursive: true, force: true });
      return;
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
