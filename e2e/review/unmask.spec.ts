import { expect, test } from '../support/stage-test.ts';

test('the unmask worker starts under its policy and asks for nothing else; its own probe of that is no incident [MEG-incident]', async ({ stage: page, server }) => {
  server.requests.length = 0;
  const seen = await page.evaluate(async () => {
    const { stage } = window;
    const entry: string = 'bauta/review';
    const review = (await import(entry)) as typeof import('bauta/review');
    const ledger = await stage.consent.openLedger({ scene: 'service', purposes: ['live-redacted-view', 'redacted-recording', 'sealed-originals'], retentionDays: 30 });
    const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    const signer = { keyId: 'directory', privateKey, issuer: 'https://directory.example', audience: location.origin };
    const keys = [{ keyId: signer.keyId, issuer: signer.issuer, kinds: ['staff'], publicKey: await crypto.subtle.exportKey('jwk', publicKey) }] as const;
    const incidents: string[] = [];
    const desk = await review.openReview({ ledger, trust: { keys, audience: signer.audience } });
    desk.addEventListener('incident', ({ detail }) => { incidents.push(detail.kind); });
    await desk.signIn(await review.signStaffAssertion({ staffId: 'qian', roles: ['auditor'], nonce: await desk.challenge() }, signer, Date.now()));
    const queue = await desk.queue();
    const codes = (await desk.auditLog()).map(({ code }) => code);
    const canvas = document.createElement('canvas');
    const refused = await stage.failure(() => desk.unmask({ requestId: crypto.randomUUID(), canvas }));
    await desk.close();
    await ledger.close();
    return { incidents, queue: queue.length, codes, refused };
  });
  expect(seen).toMatchObject({ incidents: [], queue: 0, refused: { code: 'ERR_UNMASK_REFUSED', details: { factor: 'request' } } });
  expect(seen.codes).toContain('staff.signed-in');
  expect(seen.codes).not.toContain('incident.raised');
  expect(server.requests.filter((path) => path.includes('/workers/'))).toEqual(['/bauta/workers/unmask.worker.js']);
});
