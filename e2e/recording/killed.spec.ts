import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readdirSync, readFileSync, readSync, closeSync, rmSync, statSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { chromiumArgs, requireChromium } from '../../scripts/chromium.mjs';
import { CAMERA_CLIP } from '../support/build.mjs';
import { removeProfile } from '../support/remove-profile.ts';
import { isPatient } from '../support/slow.ts';
import { expect, openStage, test, type StageServer } from '../support/stage-test.ts';
import { openRecordingTools } from './read-back.ts';

/** Moments at which the browser is killed; `BAUTA_SLOW_TESTS=1` asks for all twenty. */
const KILLS = isPatient ? 20 : 1;
const SEED = 20_261_122;
/** How a VP8 key frame of the camera's size begins (RFC 6386, 9.1): start code, 1280, 720. It stands in the clear in every plain recording. */
const PLAIN_PIXELS = Buffer.from([0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02]);

/** A browser of its own, with a profile that outlives it, that can be killed as the system kills: without a word. */
class KillableBrowser {
  readonly #process: ChildProcess;
  readonly #browser: Browser;

  private constructor(process: ChildProcess, browser: Browser) {
    this.#process = process;
    this.#browser = browser;
  }

  static async start(profile: string): Promise<KillableBrowser> {
    const portFile = join(profile, 'DevToolsActivePort');
    rmSync(portFile, { force: true });
    const child = spawn(requireChromium(), [...chromiumArgs({ camera: CAMERA_CLIP }), `--user-data-dir=${profile}`, '--remote-debugging-port=0', 'about:blank'], { stdio: 'ignore' });
    const endMs = Date.now() + 60_000;
    while (!existsSync(portFile) || readFileSync(portFile, 'utf8').split('\n').length < 2) {
      if (Date.now() > endMs) throw new Error('the browser did not start');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const [port] = readFileSync(portFile, 'utf8').split('\n');
    return new KillableBrowser(child, await chromium.connectOverCDP(`http://127.0.0.1:${port}`));
  }

  async page(): Promise<Page> {
    return this.#browser.contexts()[0]!.newPage();
  }

  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await gone;
    await this.#browser.close().catch(() => undefined);
  }
}

/** Files of a folder that hold these bytes. */
function filesWith(folder: string, bytes: Buffer): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => holds(path, bytes));
}

function holds(path: string, bytes: Buffer): boolean {
  const handle = openSync(path, 'r');
  try {
    const size = statSync(path).size;
    const step = 1 << 24;
    const buffer = Buffer.alloc(step + bytes.length);
    for (let at = 0; at < size; at += step) if (buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, at)).includes(bytes)) return true;
    return false;
  } finally {
    closeSync(handle);
  }
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 0x7fff_ffff) / 0x7fff_ffff;
}

/** Begins to restore what is left and kills the browser within 80 ms. @returns after how long, and how many frames there were. */
async function killWhileRestoring(profile: string, server: StageServer, subject: string, random: () => number): Promise<{ afterMs: number; frames: number }> {
  const browser = await KillableBrowser.start(profile);
  const page = await openStage(await browser.page(), server);
  await openRecordingTools(page);
  const frames = await page.evaluate(async (subject) => {
    const { stage, recording: { bauta, ledger } } = window;
    const grant = await stage.consent.requireGrant(ledger, ['live-redacted-view', 'redacted-recording'], subject);
    const shelf = await bauta.openRecordings({ grant });
    const [before] = await shelf.list();
    const begin = IDBObjectStore.prototype.add;
    // From the moment on at which there is something of the new one.
    const begun = new Promise<void>((resolve) => {
      IDBObjectStore.prototype.add = function (this: IDBObjectStore, ...args: Parameters<typeof begin>) {
        if (this.name === 'pieces') resolve();
        return begin.apply(this, args);
      };
    });
    void shelf.restore(before!.recordingId);
    await begun;
    return before!.frames;
  }, subject);
  const afterMs = Math.round(random() * 80);
  await page.waitForTimeout(afterMs);
  await browser.kill();
  return { afterMs, frames };
}

test(`killed at ${KILLS} of 20 moments of a recording (seed ${SEED}): what is left is a playable file, which can be restored, and no plain pixel on disk [MEG-crypt]`, async ({ server }, info) => {
  test.setTimeout(120_000 + KILLS * 120_000);
  const profile = mkdtempSync(join(tmpdir(), 'bauta-killed-'));
  const random = seeded(SEED);
  const figures: unknown[] = [];
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const browser = await KillableBrowser.start(profile);
      const page = await openStage(await browser.page(), server);
      await openRecordingTools(page);
      const subject = `killed-${kill}`;
      await page.evaluate(async (subject) => {
        const { stage, recording: { bauta, grant } } = window;
        const given = await grant(subject);
        const { session, recorder } = await stage.open({ grant: given });
        recorder.keep = false;
        const recording = await bauta.openRecording(session, { grant: given, container: 'webm' });
        const kept = { us: 0, bytes: 0 };
        recording.addEventListener('progress', ({ detail }) => { Object.assign(kept, { us: detail.keptUs, bytes: detail.bytes }); });
        Object.assign(window, { kept });
        await stage.until(() => kept.us > 0, 'the first piece kept', 60_000);
      }, subject);
      const afterMs = Math.round(random() * 3000);
      await page.waitForTimeout(afterMs);
      const keptUs = await page.evaluate(() => (window as unknown as { kept: { us: number } }).kept.us);
      await browser.kill();

      const plain = filesWith(profile, PLAIN_PIXELS);
      expect(plain).toEqual([]);

      // Killed again while it is being restored: at no moment are there two, or none.
      const restoring = isPatient ? await killWhileRestoring(profile, server, subject, random) : null;
      const next = await KillableBrowser.start(profile);
      try {
        const after = await openStage(await next.page(), server);
        await openRecordingTools(after);
        const found = await after.evaluate(async (subject) => {
          const { stage, recording: { bauta, ledger } } = window;
          const grant = await stage.consent.requireGrant(ledger, ['live-redacted-view', 'redacted-recording'], subject);
          const shelf = await bauta.openRecordings({ grant });
          const [before] = await shelf.list();
          if (before === undefined) throw new Error('nothing was left of the recording');
          const media = await shelf.open(before.recordingId);
          const video = document.createElement('video');
          video.muted = true;
          const played = async (media: Blob): Promise<number> => {
            video.src = URL.createObjectURL(media);
            await new Promise((resolve, reject) => { video.onloadeddata = resolve; video.onerror = () => { reject(new Error(video.error?.message)); }; });
            video.playbackRate = 4;
            await video.play();
            await new Promise((resolve) => { video.onended = resolve; });
            return video.currentTime;
          };
          const playedS = await played(media);
          const rows = await new Promise<number>((resolve) => {
            indexedDB.open('bauta-recordings').onsuccess = ({ target }) => {
              const db = (target as IDBOpenDBRequest).result;
              db.transaction('recordings').objectStore('recordings').count().onsuccess = ({ target }) => { resolve((target as IDBRequest<number>).result); db.close(); };
            };
          });
          const manifested = await shelf.manifest(before.recordingId);
          const summary = manifested === null ? await shelf.restore(before.recordingId) : { ...before, manifest: manifested };
          const restored = await shelf.open(summary.recordingId);
          const manifest = await bauta.verifyManifest(summary.manifest, restored, { origin: location.origin });
          const seconds = await played(restored);
          const bytes = new Uint8Array(await media.arrayBuffer());
          const listed = await shelf.list();
          const receipt = await shelf.erase(summary.recordingId);
          await shelf.close();
          return { before, playedS, summary, complete: manifest.complete, reported: manifest.covers.length, seconds, duration: video.duration, rows, listed: listed.map(({ state }) => state), erased: receipt.erased, start: [...bytes.subarray(0, 4)], media: bytes.length };
        }, subject);
        // The scan would see plain pixels if there were any: they are in the decrypted file.
        expect(found.before.state).toMatch(restoring === null ? /^cut-off$/ : /^(cut-off|restored)$/);
        expect(found.rows).toBe(1);
        // Where it was restored before the second kill, its last frame is its end: nobody knows how long that was to be shown.
        if (found.before.state === 'cut-off') expect(found.before.durationUs).toBeGreaterThanOrEqual(keptUs);
        if (restoring !== null) expect(found.before.frames).toBe(restoring.frames);
        // To its last frame, which in a file without a duration is where it ends.
        expect(found.playedS).toBeGreaterThan(0);
        expect(found).toMatchObject({ complete: false, listed: ['restored'], erased: { keys: 1, media: 1 }, start: [0x1a, 0x45, 0xdf, 0xa3] });
        expect(found.summary.frames).toBe(found.before.frames);
        expect(found.duration).toBeCloseTo(found.summary.durationUs / 1e6, 1);
        expect(found.reported).toBeGreaterThan(0);
        figures.push({ afterMs, keptUs, restoringMs: restoring?.afterMs ?? null, state: found.before.state, framesLeft: found.before.frames });
      } finally {
        await next.kill();
      }
    }
    info.annotations.push({ type: 'figures', description: JSON.stringify(figures) });
  } finally {
    await removeProfile(profile);
  }
});
