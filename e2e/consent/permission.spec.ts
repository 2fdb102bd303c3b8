import { chromium, type Page } from '@playwright/test';
import { CHROMIUM_ARGS, requireChromium } from '../../scripts/chromium.mjs';
import { expectNothingLeft } from '../faults/endings.ts';
import { expect, openStage, test } from '../support/stage-test.ts';

const HOUR = 3600 * 1000;
const T0 = Date.UTC(2026, 5, 1);

/** A browser whose user says no to every camera. */
const refusing = () =>
  chromium.launch({ executablePath: requireChromium(), args: [...CHROMIUM_ARGS, '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny'] });

/** What a person does in the browser's settings; Playwright has no word for it. */
async function takeBackCamera(page: Page): Promise<void> {
  const target = await page.context().newCDPSession(page);
  const { targetInfo } = await target.send('Target.getTargetInfo');
  const browser = await page.context().browser()!.newBrowserCDPSession();
  const { browserContextId } = targetInfo;
  const { origin } = new URL(page.url());
  await browser.send('Browser.setPermission', { permission: { name: 'camera' }, setting: 'denied', origin, ...(browserContextId === undefined ? {} : { browserContextId }) });
}

test('permission denied is an outcome: the app goes on, and pictures are redacted all the same [TAF-5.1c]', async ({ sharedServer }) => {
  const browser = await refusing();
  const page = await openStage(await browser.newPage(), sharedServer);
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const grant = await stage.grant();
    const outcome = await stage.bauta.orRefusal(stage.open({ grant, order: { detector: 'fake' } }));
    const refusal = outcome.ok ? null : outcome.refusal.code;
    await stage.act();
    const redactor = await stage.bauta.openPictureRedactor({ grant });
    const { bitmap, faces } = await redactor.redact(await (await fetch('/photos/sample1.jpg')).blob());
    await redactor.close();
    const entries = (await stage.ledger.auditLog()).map(({ code }) => code).filter((code) => code.startsWith('camera.'));
    return { refusal, size: bitmap.width > 0, faces: faces.length > 0, live: !grant.signal.aborted, entries };
  });
  expect(result).toEqual({ refusal: 'ERR_CAMERA_DENIED', size: true, faces: true, live: true, entries: ['camera.asked', 'camera.denied'] });
  await browser.close();
});

test('after a refusal the app may ask again at 48:00 h, in no tab sooner, whatever the clock does; the person may at once [TAF-5.1d]', async ({ sharedServer }) => {
  const browser = await refusing();
  const context = await browser.newContext();
  const page = await openStage(await context.newPage(), sharedServer);

  /** Starts the camera at a time, or at several one after the other in one page. */
  const ask = (tab: typeof page, times: readonly number[], initiatedBy: 'app' | 'user' = 'app') =>
    tab.evaluate(async ({ times, initiatedBy }) => {
      const { stage } = window;
      let clock = times[0]!;
      const ledger = await stage.consent.openLedger({}, { now: () => clock });
      const grant = await stage.consent.grantFrom(ledger);
      const answers = [];
      for (const time of times) {
        clock = time;
        const before = stage.spied.deviceCalls.length;
        const { code, details } = await stage.failure(() => stage.open({ grant, initiatedBy, order: { detector: 'fake' } }));
        answers.push({ code, asked: stage.spied.deviceCalls.slice(before), mayAskAt: (details as { mayAskAt?: number }).mayAskAt ?? null });
      }
      await ledger.close();
      return answers;
    }, { times, initiatedBy });
  const refused = { code: 'ERR_CAMERA_DENIED', asked: ['getUserMedia'], mayAskAt: null };
  const suppressed = (since: number) => ({ code: 'ERR_CAMERA_ASKED_RECENTLY', asked: [], mayAskAt: since + 48 * HOUR });

  expect(await ask(page, [T0, T0 + 1, T0 - 8760 * HOUR]), 'refused, then asked again at once and with the clock set back').toEqual([refused, suppressed(T0), suppressed(T0)]);
  await openStage(page, sharedServer);
  expect(await ask(page, [T0 + 47 * HOUR]), 'after a reload').toEqual([suppressed(T0)]);
  const other = await openStage(await context.newPage(), sharedServer);
  expect(await ask(other, [T0 + 48 * HOUR - 60_000]), 'at 47:59 in another tab').toEqual([suppressed(T0)]);
  const act = T0 + 48 * HOUR - 30_000;
  expect(await ask(other, [act], 'user'), 'by the person').toEqual([refused]);
  expect(await ask(page, [T0 + 48 * HOUR]), 'the person has just refused again').toEqual([suppressed(act)]);
  expect(await ask(page, [act + 48 * HOUR]), 'at 48:00').toEqual([refused]);
  await browser.close();
});

test('a permission that is taken back ends the session, and the grant with it [TAF-5.1e]', async ({ stage: page }) => {
  await page.evaluate(async () => {
    const { stage } = window;
    const scope = globalThis as typeof globalThis & { grant: unknown; opened: unknown };
    const grant = await stage.grant();
    const opened = await stage.open({ grant, order: { detector: 'fake' } });
    Object.assign(scope, { grant, opened });
    await stage.until(() => opened.recorder.count >= 3, '3 frames');
  });
  await takeBackCamera(page);
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const { grant, opened } = globalThis as unknown as { grant: Awaited<ReturnType<typeof stage.grant>>; opened: Awaited<ReturnType<typeof stage.open>> };
    const cause = await opened.closed;
    const again = await stage.failure(() => stage.open({ grant, order: { detector: 'fake' } }));
    await stage.until(() => stage.leftovers().camerasLive === 0, 'the camera to be closed');
    return { cause, again: again.code };
  });
  expect(result).toEqual({ cause: 'ERR_CAMERA_PERMISSION_CHANGED', again: 'ERR_CAMERA_PERMISSION_CHANGED' });
  const log = (): Promise<string[]> => page.evaluate(async () => (await window.stage.ledger.auditLog()).map(({ code }) => code));
  await expect.poll(log, 'audit log').toContain('camera.permission-changed');
  await expectNothingLeft(page);
});
