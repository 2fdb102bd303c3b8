import { expectNothingLeft } from '../faults/endings.ts';
import { expect, test } from '../support/stage-test.ts';
import { openTabWindow } from '../support/tabs.ts';

type Scope = typeof globalThis & { readonly stage: typeof window.stage };

test('without the person\'s own act nothing starts in the scenes upload, call and processing; service needs none [TAF-5.2a]', async ({ sharedServer }) => {
  const tabs = await openTabWindow();
  const tab = await tabs.open(sharedServer.url);
  const { refused, deviceCalls, workers, service } = await tab.run(async () => {
    while (!('stage' in globalThis)) await new Promise((resolve) => setTimeout(resolve, 20));
    const { stage } = globalThis as Scope;
    const { openRedactionSession, openPictureRedactor } = stage.bauta;
    const { grantFrom, openLedger } = stage.consent;
    const { indicator } = stage;
    const source = { kind: 'camera' } as const;
    const refused: Record<string, (string | null)[]> = {};
    for (const scene of ['upload', 'call', 'processing'] as const) {
      const grant = await grantFrom(await openLedger({ scene }));
      const starts = [
        () => openRedactionSession({ grant, source, indicator }),
        () => openRedactionSession({ grant, source: { kind: 'file', file: new Blob() } }),
        () => openPictureRedactor({ grant }),
      ];
      refused[scene] = [];
      for (const start of starts) refused[scene].push((await stage.failure(start)).code);
    }
    const { deviceCalls } = stage.spied;
    const before = [...deviceCalls];
    const workers = stage.spied.workers.length;
    const grant = await grantFrom(await openLedger({ scene: 'service' }));
    // To say that the person did it takes an act in every scene.
    refused['service'] = [(await stage.failure(() => openRedactionSession({ grant, source, indicator, initiatedBy: 'user' }))).code];
    const opened = await stage.open({ grant, order: { detector: 'fake' } });
    await opened.session.close();
    return { refused, deviceCalls: before, workers, service: opened.session.state };
  }, null);
  await tabs.close();
  const no = 'ERR_GESTURE_REQUIRED';
  expect(refused).toEqual({ upload: [no, no, no], call: [no, no, no], processing: [no, no, no], service: [no] });
  expect(deviceCalls).toEqual([]);
  expect(workers).toBe(0);
  expect(service).toBe('closed');
});

test('each operation refuses a grant for any other purpose, and says what it needs and what the grant holds [TAF-5.3a]', async ({ stage: page }) => {
  const { answers, deviceCalls, workers, needs } = await page.evaluate(async () => {
    const { stage } = window;
    const { openRedactionSession, openPictureRedactor, OPERATIONS, PURPOSES } = stage.bauta;
    const purposes = PURPOSES.filter((purpose) => purpose !== 'staff-review');
    const ledger = await stage.consent.openLedger({ scene: 'upload', purposes });
    const subject = stage.consent.newSubject();
    await stage.consent.answerAll(ledger, subject);
    const answers: Record<string, unknown>[] = [];
    for (const purpose of purposes.filter((each) => !OPERATIONS.openRedactionSession.includes(each as never))) {
      const grant = await stage.consent.requireGrant(ledger, purpose, subject);
      const runs = {
        openRedactionSession: () => openRedactionSession({ grant, source: { kind: 'camera' }, indicator: stage.indicator }),
        openPictureRedactor: () => openPictureRedactor({ grant }),
      };
      for (const [operation, run] of Object.entries(runs)) {
        const { code, message, details } = await stage.failure(run);
        answers.push({ code, named: [operation, purpose].every((word) => message.includes(`${word}`)), details, purpose, operation });
      }
    }
    return { answers, needs: OPERATIONS.openRedactionSession.join(' '), deviceCalls: stage.spied.deviceCalls, workers: stage.spied.workers.length };
  });
  expect(answers).toHaveLength(14);
  for (const { purpose, operation, ...answer } of answers) {
    expect(answer, `${String(operation)} with ${String(purpose)}`).toEqual({ code: 'ERR_CONSENT_PURPOSE', named: true, details: { operation, needs, holds: purpose, field: 'purposes' } });
  }
  expect(deviceCalls).toEqual([]);
  expect(workers).toBe(0);
});

for (const [scene, kind, method] of [
  ['upload', 'file', 'blur'],
  ['call', 'camera', 'pixelate'],
  ['processing', 'file', 'solid'],
  ['service', 'camera', 'solid'],
] as const) {
  test(`scene ${scene}, walked through: notice, answer, grant, ${kind}, redacted frames, end; it stands in the records [TAF-4]`, async ({ stage: page }) => {
    const result = await page.evaluate(async ({ scene, kind, method }) => {
      const { stage } = window;
      const { consent } = stage;
      const ledger = await consent.openLedger({ scene });
      const subject = consent.newSubject();
      await ledger.request({ dataSubject: subject, language: 'zh-CN' });
      await consent.answerAll(ledger, subject);
      const purpose = scene === 'service' ? 'staff-review' : 'live-redacted-view';
      const grant = await consent.requireGrant(ledger, purpose, subject);
      const source = kind === 'camera' ? ({ kind } as const) : ({ kind, file: await (await fetch('/clips/main.webm')).blob(), loop: true } as const);
      const order = { detector: 'fake' };
      const blurred = scene === 'service' ? (await stage.failure(() => stage.open({ grant, source, order, redaction: { method: 'blur' } }))).code : null;
      const opened = await stage.open({ grant, source, order, redaction: { method } });
      const { session, recorder } = opened;
      await stage.until(() => recorder.count >= 3, '3 frames');
      const changed = scene === 'service' ? (await stage.failure(() => session.setRedaction({ method: 'pixelate' }))).code : null;
      await session.close();
      const entries = (await ledger.auditLog()).filter(({ ids }) => ids['requestId'] === session.requestId || ids['recordId'] === grant.recordId);
      const announced = opened.events.filter(({ type }) => type === 'capture').map(({ detail }) => detail);
      return {
        scene: grant.scene,
        records: (await ledger.history(subject)).map(({ state, scene: of }) => `${of} ${state}`),
        codes: entries.map(({ code }) => code),
        announced,
        requestId: session.requestId,
        blurred,
        changed,
        left: stage.leftovers(),
      };
    }, { scene, kind, method });
    const { requestId } = result;
    const camera = kind === 'camera' ? ['camera.asked', 'camera.opened'] : [];
    expect(result).toEqual({
      scene,
      records: [`${scene} requested`, `${scene} given`],
      codes: expect.arrayContaining([...camera, 'capture.started', 'capture.stopped']) as unknown,
      announced: [
        { capturing: true, source: kind, requestId },
        { capturing: false, source: kind, requestId },
      ],
      requestId,
      blurred: scene === 'service' ? 'ERR_SCENE_METHOD' : null,
      changed: scene === 'service' ? 'ERR_SCENE_METHOD' : null,
      left: { camerasLive: 0, outputsLive: 0 },
    });
    await expectNothingLeft(page);
  });
}
