import { expectNothingLeft } from '../faults/endings.ts';
import { expect, openStage, test } from '../support/stage-test.ts';

test('consent withdrawn at each stage of the start: nothing is left open [MEG-withdraw]', async ({ stage: page }) => {
  const results = await page.evaluate(async () => {
    const { stage } = window;
    const { ledger, consent, indicator } = stage;
    type Method = (this: unknown, ...args: never[]) => unknown;
    /** Lets `first` run before a method's next call, once. */
    const before = (owner: object, name: string, first: () => Promise<void>, after = false): void => {
      const holder = owner as Record<string, Method>;
      const original = holder[name]!;
      holder[name] = async function (this: unknown, ...args) {
        holder[name] = original;
        if (!after) await first();
        const result: unknown = await original.apply(this, args);
        if (after) await first();
        return result;
      };
    };
    /** What a stage does to the start, given how to withdraw. */
    const stages: Record<string, (withdraw: () => Promise<void>) => (() => Promise<void>) | undefined> = {
      'at once': (withdraw) => withdraw,
      'before the indicator is seen': (withdraw) => {
        indicator.style.bottom = '-500px';
        return async () => {
          await new Promise((resolve) => setTimeout(resolve, 150));
          await withdraw();
          indicator.style.bottom = '8px';
        };
      },
      'while files are fetched': (withdraw) => { before(globalThis, 'fetch', withdraw); return undefined; },
      'before the camera is given': (withdraw) => { before(MediaDevices.prototype, 'getUserMedia', withdraw); return undefined; },
      'when the camera is given': (withdraw) => { before(MediaDevices.prototype, 'getUserMedia', withdraw, true); return undefined; },
      'while the permission is looked up': (withdraw) => { before(Permissions.prototype, 'query', withdraw); return undefined; },
    };
    const results: Record<string, string> = {};
    for (const [name, plant] of Object.entries(stages)) {
      const subject = consent.newSubject();
      const grant = await consent.grantFrom(ledger, 'live-redacted-view', subject);
      await stage.act();
      const asked = stage.spied.deviceCalls.length;
      const then = plant(() => ledger.withdraw(subject));
      const starting = stage.failure(() => stage.open({ grant, order: { detector: 'fake' } }));
      await then?.();
      const { code, message } = await starting;
      // A camera that was on its way is closed when it arrives.
      await stage.until(() => stage.leftovers().camerasLive === 0, `${name}: no camera`);
      results[name] = `${code ?? message} ${stage.leftovers().outputsLive} ${stage.spied.deviceCalls.slice(asked).includes('getUserMedia') ? 'asked' : 'not asked'}`;
    }
    // In the last turn of the start: the worker is ready, the output track is being made.
    const subject = consent.newSubject();
    const grant = await consent.grantFrom(ledger, 'live-redacted-view', subject);
    const scope = globalThis as unknown as { MediaStreamTrackGenerator: new (...args: unknown[]) => object };
    const Real = scope.MediaStreamTrackGenerator;
    scope.MediaStreamTrackGenerator = new Proxy(Real, {
      construct(target, args) {
        scope.MediaStreamTrackGenerator = Real;
        void ledger.withdraw(subject);
        return Reflect.construct<unknown[], object>(target, args);
      },
    });
    const last = await stage.failure(() => stage.open({ grant, order: { detector: 'fake' } }));
    return { ...results, 'when the track is made': `${last.code ?? last.message} ${stage.leftovers().outputsLive}` };
  });
  const none = 'ERR_CONSENT_WITHDRAWN 0';
  expect(results).toEqual({
    'at once': `${none} not asked`,
    'before the indicator is seen': `${none} not asked`,
    'while files are fetched': expect.stringContaining(none) as unknown,
    'before the camera is given': expect.stringContaining(none) as unknown,
    'when the camera is given': `${none} asked`,
    'while the permission is looked up': `${none} asked`,
    'when the track is made': none,
  });
  await expectNothingLeft(page);
});

test('consent withdrawn in another tab ends the session here [MEG-withdraw]', async ({ stage: page, server }) => {
  const subject = await page.evaluate(async () => {
    const { stage } = window;
    const subject = stage.consent.newSubject();
    const grant = await stage.consent.grantFrom(stage.ledger, 'live-redacted-view', subject);
    const opened = await stage.open({ grant, order: { detector: 'fake' } });
    Object.assign(globalThis, { opened });
    await stage.until(() => opened.recorder.count >= 2, '2 frames');
    return subject;
  });
  const other = await openStage(await page.context().newPage(), server);
  await other.evaluate((subject) => window.stage.ledger.withdraw(subject), subject);
  const result = await page.evaluate(async () => {
    const { opened } = globalThis as unknown as { opened: Awaited<ReturnType<typeof window.stage.open>> };
    return { cause: await opened.closed, left: window.stage.leftovers() };
  });
  expect(result).toEqual({ cause: 'ERR_CONSENT_WITHDRAWN', left: { camerasLive: 0, outputsLive: 0 } });
});
