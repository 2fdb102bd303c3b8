import { expect, test } from '../support/stage-test.ts';

test('without a live grant nothing is asked, loaded or started [TAF-5.1a] [TAF-5.1b]', async ({ stage: page, server }) => {
  // The first answer brings the part of the library that takes answers.
  await page.evaluate(() => window.stage.grant());
  server.requests.length = 0;
  const { failures, deviceCalls, workers } = await page.evaluate(async () => {
    const { stage } = window;
    const { openRedactionSession, openPictureRedactor } = stage.bauta;
    const { grantFrom, newSubject, openLedger } = stage.consent;
    const source = { kind: 'camera' } as const;
    const { indicator } = stage;
    const genuine = await stage.grant();
    const forged = Object.assign(Object.create(Object.getPrototypeOf(genuine) as object) as typeof genuine, { purposes: ['live-redacted-view'], validUntil: Infinity });
    const Grant = genuine.constructor as unknown as new (key: unknown, record: unknown, purpose: string) => typeof genuine;
    let aheadMs = 0;
    const clocked = await openLedger({ inBackground: 'continue' }, { now: () => Date.now() + aheadMs });
    const expired = await grantFrom(clocked);
    aheadMs = 366 * 24 * 3600 * 1000;
    const subject = newSubject();
    const withdrawn = await grantFrom(stage.ledger, 'live-redacted-view', subject);
    await stage.ledger.withdraw(subject);
    const grants: Record<string, unknown> = {
      none: undefined,
      'a string': 'yes',
      'a look-alike': { ...genuine, signal: new AbortController().signal },
      'of the prototype': forged,
      expired,
      withdrawn,
      'of another purpose': await stage.grant('sharing'),
    };
    const failures: Record<string, string> = {};
    for (const [name, grant] of Object.entries(grants)) {
      const session = await stage.failure(() => openRedactionSession({ grant: grant as typeof genuine, source, indicator }));
      const picture = await stage.failure(() => openPictureRedactor({ grant: grant as typeof genuine }));
      failures[name] = `${session.code ?? session.name} ${picture.code ?? picture.name}`;
    }
    failures['constructed'] = (await stage.failure(() => new Grant(Symbol('mint'), {}, 'live-redacted-view'))).code ?? '';
    return { failures, deviceCalls: stage.spied.deviceCalls, workers: stage.spied.workers.length };
  });
  expect(failures).toEqual({
    none: 'TypeError TypeError',
    'a string': 'TypeError TypeError',
    'a look-alike': 'ERR_CONSENT_FORGED ERR_CONSENT_FORGED',
    'of the prototype': 'ERR_CONSENT_FORGED ERR_CONSENT_FORGED',
    expired: 'ERR_CONSENT_EXPIRED ERR_CONSENT_EXPIRED',
    withdrawn: 'ERR_CONSENT_WITHDRAWN ERR_CONSENT_WITHDRAWN',
    'of another purpose': 'ERR_CONSENT_PURPOSE ERR_CONSENT_PURPOSE',
    constructed: 'ERR_CONSENT_FORGED',
  });
  expect(deviceCalls).toEqual([]);
  expect(workers).toBe(0);
  expect(server.requests).toEqual([]);
});

test('withdrawal in mid-stream ends everything [MEG-withdraw]', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const subject = stage.consent.newSubject();
    const grant = await stage.consent.grantFrom(stage.ledger, 'live-redacted-view', subject);
    const opened = await stage.open({ grant, order: { detector: 'fake' } });
    await stage.until(() => opened.recorder.count >= 5, '5 frames');
    await stage.ledger.withdraw(subject);
    const cause = await opened.closed;
    await opened.recorder.done;
    return { cause, errors: opened.events.filter(({ type }) => type === 'error').map(({ code }) => code), state: opened.session.state, left: stage.leftovers() };
  });
  expect(result).toEqual({ cause: 'ERR_CONSENT_WITHDRAWN', errors: ['ERR_CONSENT_WITHDRAWN'], state: 'closed', left: { camerasLive: 0, outputsLive: 0 } });
  await expect.poll(() => page.workers().length).toBe(0);
});

test('expiry in mid-stream ends everything', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    let aheadMs = 0;
    const now = (): number => Date.now() + aheadMs;
    const ledger = await stage.consent.openLedger({ inBackground: 'continue' }, { now });
    const subject = stage.consent.newSubject();
    const { validUntil } = await stage.consent.grantFrom(ledger, 'live-redacted-view', subject);
    aheadMs = validUntil - Date.now() - 4000;
    const grant = await stage.consent.requireGrant(ledger, 'live-redacted-view', subject);
    const opened = await stage.open({ grant, order: { detector: 'fake' } });
    await stage.until(() => opened.recorder.count >= 1, 'a frame');
    const cause = await opened.closed;
    await opened.recorder.done;
    return { cause, late: now() >= grant.validUntil, left: stage.leftovers() };
  });
  expect(result).toEqual({ cause: 'ERR_CONSENT_EXPIRED', late: true, left: { camerasLive: 0, outputsLive: 0 } });
  await expect.poll(() => page.workers().length).toBe(0);
});

test('withdrawal while the permission prompt is open: the camera is closed as soon as it is given [MEG-withdraw]', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const subject = stage.consent.newSubject();
    const grant = await stage.consent.grantFrom(stage.ledger, 'live-redacted-view', subject);
    const devices = navigator.mediaDevices;
    const ask = devices.getUserMedia.bind(devices);
    let answer = (): void => undefined;
    const prompt = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let asked = false;
    devices.getUserMedia = async (constraints) => {
      asked = true;
      await prompt;
      return ask(constraints);
    };
    const failing = stage.failure(() => stage.open({ grant, order: { detector: 'fake' } }));
    await stage.until(() => asked, 'the prompt');
    await stage.ledger.withdraw(subject);
    const { code } = await failing;
    answer();
    await stage.until(() => stage.spied.cameraTracks.length === 1, 'the camera to be given');
    await stage.until(() => stage.leftovers().camerasLive === 0, 'the camera to be closed');
    return { code, left: stage.leftovers() };
  });
  expect(result).toEqual({ code: 'ERR_CONSENT_WITHDRAWN', left: { camerasLive: 0, outputsLive: 0 } });
  await expect.poll(() => page.workers().length).toBe(0);
});
