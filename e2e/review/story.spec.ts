import type { Scene } from 'bauta';
import { expect, test } from '../support/stage-test.ts';
import { slow } from '../support/slow.ts';

/* The whole story, from the question to the last trace, with two real faces: A, whose recording it is, and B, who walks by. */

const PURPOSES = {
  upload: ['live-redacted-view', 'redacted-recording', 'sealed-originals'],
  // In a call no originals are kept, whoever agrees.
  call: ['live-redacted-view', 'redacted-recording'],
  processing: ['live-redacted-view', 'redacted-recording', 'sealed-originals'],
  service: ['live-redacted-view', 'staff-review', 'redacted-recording', 'sealed-originals'],
} as const;

async function story(page: import('@playwright/test').Page, scene: Scene) {
  return page.evaluate(
    async ({ scene, purposes }) => {
      const { stage } = window;
      const { consent, failure } = stage;
      const load = <T>(entry: string): Promise<T> => import(entry) as Promise<T>;
      const recordingApi = await load<typeof import('bauta/recording')>('bauta/recording');
      const review = await load<typeof import('bauta/review')>('bauta/review');
      const { openRights } = await load<typeof import('bauta/rights')>('bauta/rights');
      const { verifyAuditExport } = await load<typeof import('bauta/audit')>('bauta/audit');
      const { verifyErasureReceipt } = await load<typeof import('bauta/receipts')>('bauta/receipts');
      const codeOf = async (work: () => unknown): Promise<string> => {
        const { code, details, name } = await failure(work);
        const { factor, field } = (details ?? {}) as { factor?: string; field?: string };
        return [code ?? name, factor ?? field].filter((part) => part !== undefined).join(' ');
      };
      const sealing = purposes.includes('sealed-originals');
      const refused: Record<string, string> = {};

      // Consent.
      const ledger = await consent.openLedger({ scene, purposes, retentionDays: 30 });
      const subject = consent.newSubject();
      refused['no answer yet'] = (await ledger.require('redacted-recording', subject)).granted ? 'granted' : 'refused';
      await consent.answerAll(ledger, subject);
      const grant = await consent.requireGrant(ledger, purposes.filter((purpose) => purpose !== 'sealed-originals'), subject);

      // Capture and recording, of the redacted track alone.
      const actors = await stage.Actors.enter();
      const source = new stage.FedTrack(actors.frame, 60);
      const watched = await stage.open({ grant, source: { kind: 'track', track: source.track }, adapter: 'stream' });
      const { session, recorder } = watched;
      actors.shown = () => recorder.count;
      const faces = stage.facesToldBy(session, recordingApi.trackAt);
      const trackOf = (actor: 'a' | 'b'): number | null => {
        const { x, y } = actors.faceOf(actor);
        return faces.at(x, y);
      };
      await stage.until(() => trackOf('a') !== null && trackOf('b') !== null, 'both faces', 60_000);
      const recording = await recordingApi.openRecording(session, { grant, container: 'webm' });
      const kept = { us: 0 };
      recording.addEventListener('progress', ({ detail }) => { kept.us = detail.keptUs; });
      let trackId = 0;
      let sealedCount = 0;
      if (sealing) {
        const sealGrant = await consent.requireGrant(ledger, 'sealed-originals', subject);
        const sealed = await stage.claimed(async () => {
          await stage.until(() => trackOf('a') !== null, 'the face to be sealed', 60_000);
          const sealing = await recordingApi.sealOriginals(recording, { grant: sealGrant, trackId: trackOf('a')! });
          let crops = 0;
          sealing.addEventListener('progress', ({ detail }) => { crops = detail.crops; });
          await stage.until(() => crops > 5 || sealing.ended !== null, 'a face sealed', 60_000);
          if (crops > 0) sealedCount += 1;
          return crops > 5 ? sealing : null;
        }, 120_000);
        ({ trackId } = sealed);
        await stage.until(() => kept.us > 1_500_000, 'something kept', 60_000);
        await sealed.end();
      } else {
        const { granted } = await ledger.require('sealed-originals', subject);
        refused['originals in this scene'] = granted ? 'granted' : 'refused';
        await stage.until(() => kept.us > 1_500_000, 'something kept', 60_000);
      }
      const summary = await recording.stop();
      const { recordingId } = summary;
      await session.close();
      source.track.stop();

      // Staff, and a directory that says who they are.
      const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
      const kinds = ['staff', 'work-order', 'unmask-request', 'unmask-decision'] as const;
      const signer = { keyId: 'directory-1', privateKey: keys.privateKey, issuer: 'https://directory.test', audience: location.origin };
      const expected = { trustedKeys: [{ keyId: signer.keyId, issuer: signer.issuer, kinds, publicKey: keys.publicKey }], audience: signer.audience };
      const desk = await review.openReview({
        ledger,
        trust: { keys: [{ keyId: signer.keyId, issuer: signer.issuer, kinds, publicKey: await crypto.subtle.exportKey('jwk', keys.publicKey) }], audience: signer.audience },
      });
      type Staff = import('bauta/review').StaffContent;
      const PEOPLE = {
        wang: { staffId: 'wang', roles: ['reviewer'] },
        li: { staffId: 'li', roles: ['reviewer'] },
        zhao: { staffId: 'zhao', roles: ['supervisor'] },
        qian: { staffId: 'qian', roles: ['auditor'] },
      } as const satisfies Record<string, Staff>;
      const signIn = async (who: Staff, validForMs?: number) =>
        desk.signIn(await review.signStaffAssertion({ ...who, nonce: await desk.challenge(), ...(validForMs === undefined ? {} : { validForMs }) }, signer, Date.now()));
      const nonces = new review.NonceBook();
      /** Somebody as the directory knows them. */
      const known = async (who: Staff) =>
        review.verifyAssertion(await review.signStaffAssertion({ ...who, nonce: nonces.issue(Date.now()) }, signer, Date.now()), { ...expected, nonces }, Date.now());
      const canvas = (): HTMLCanvasElement => document.body.appendChild(document.createElement('canvas'));
      const look = (requestId: string) => desk.unmask({ requestId, canvas: canvas() });

      // Review of what is redacted.
      refused['nobody signed in'] = await codeOf(() => desk.queue());
      await signIn(PEOPLE.wang);
      const queue = await desk.queue();
      refused['no work order'] = await codeOf(() => desk.open(recordingId));
      const target = sealing ? trackId : 1;
      const order = await review.issueWorkOrder(await known(PEOPLE.zhao), { recordingId, trackIds: [target], assignedTo: ['wang'], maxUnmasks: 2, validForMs: 3_600_000 }, signer, Date.now());
      await desk.submit(order.token);
      const opened = await desk.open(recordingId);
      await opened.addNote('Watched from beginning to end.');
      await opened.addBox({ fromUs: 0, untilUs: 500_000, box: { x: 10, y: 10, width: 50, height: 60 } });
      await opened.decide({ outcome: 'issue', text: 'The face has to be seen.' });
      // With whoever opened it, a case closes.
      const { media, timeline, manifestVerdict } = opened;

      // One face: first with each thing missing, then with everything.
      const orderStatement = await review.verifyStatement(order.token, 'work-order', expected, Date.now());
      const ask = async () => {
        const request = await review.requestUnmask(await known(PEOPLE.wang), orderStatement, { trackId: target, reason: 'complaint', reasonText: 'A passenger complains about the driver.', windowMinutes: 5 }, signer, Date.now());
        await desk.submit(request.token);
        return { ...request, statement: await review.verifyStatement(request.token, 'unmask-request', expected, Date.now()) };
      };
      const decide = async (request: Awaited<ReturnType<typeof ask>>, who: Staff, decision: 'approve' | 'reject') => {
        const { token } = await review.decideUnmask(await known(who), request.statement, decision, signer, Date.now());
        await desk.submit(token);
      };
      const first = await ask();
      refused['nobody approved'] = await codeOf(() => look(first.id));
      refused['whoever asks approves'] = await codeOf(() => decide(first, { staffId: 'wang', roles: ['reviewer', 'supervisor'] }, 'approve'));
      refused['a request of nobody'] = await codeOf(() => look(crypto.randomUUID()));
      const rejected = await ask();
      await decide(rejected, PEOPLE.zhao, 'reject');
      refused['a no'] = await codeOf(() => look(rejected.id));
      await decide(first, PEOPLE.zhao, 'approve');
      await signIn(PEOPLE.li);
      refused['somebody else'] = await codeOf(() => look(first.id));
      await desk.signOut();
      refused['signed out'] = await codeOf(() => look(first.id));

      const seen: Record<string, unknown> = {};
      const alike = (a: readonly number[], b: readonly number[]): number => {
        const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
        const [ma, mb] = [mean(a), mean(b)];
        const product = (x: readonly number[], mx: number, y: readonly number[], my: number): number => x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
        return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb) || 1);
      };
      /** Brightness and opacity of the middle of a face. */
      const patch = async (image: ImageBitmapSource, actor: 'a' | 'b') => {
        const side = 60;
        const context = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true })!;
        const { x, y } = actors.faceOf(actor);
        const bitmap = await stage.real.createImageBitmap(image, x - side / 2, y - side / 2, side, side);
        stage.real.drawImage.call(context, bitmap, 0, 0, side, side);
        bitmap.close();
        const { data } = stage.real.getImageData.call(context, 0, 0, side, side);
        const pixels = Array.from({ length: side * side }, (_, i) => 4 * i);
        return { light: pixels.map((i) => data[i]! + data[i + 1]! + data[i + 2]!), opaque: pixels.filter((i) => data[i + 3]! > 0).length / pixels.length };
      };
      if (sealing) {
        await signIn(PEOPLE.wang);
        const surface = canvas();
        const unmasking = await desk.unmask({ requestId: first.id, canvas: surface });
        const midUs = timeline.durationUs / 2;
        let shown = false;
        for (let tUs = midUs; !shown && tUs < timeline.durationUs; tUs += 100_000) shown = await unmasking.show(tUs);
        await new Promise((resolve) => setTimeout(resolve, 200));
        const raw = actors.frame(0);
        const [a, b] = [await patch(surface, 'a'), await patch(surface, 'b')];
        seen['shown'] = shown;
        seen['a is A'] = alike(a.light, (await patch(raw, 'a')).light);
        seen['a is B'] = alike(a.light, (await patch(raw, 'b')).light);
        seen['opaque over A'] = a.opaque;
        seen['opaque over B'] = b.opaque;
        raw.close();
        await unmasking.end();
        // The second look under the order, by somebody signed in for six seconds: it ends with them. There is no third.
        await signIn(PEOPLE.wang, 6000);
        const again = canvas();
        const second = await desk.unmask({ requestId: first.id, canvas: again });
        seen['ended'] = await new Promise<string>((resolve) => { second.addEventListener('ended', ({ detail }) => { resolve(detail.factor); }); });
        seen['canvas in the page'] = surface.isConnected || again.isConnected;
        seen['after the end'] = await codeOf(() => second.show(midUs));
        await signIn(PEOPLE.wang);
        refused['two looks were allowed'] = await codeOf(() => look(first.id));
      } else {
        await signIn(PEOPLE.wang);
        refused['nothing is sealed'] = await codeOf(() => look(first.id));
      }

      // The redacted video itself: both faces covered, in a frame from the middle.
      const video = document.createElement('video');
      video.muted = true;
      video.src = URL.createObjectURL(media);
      await new Promise((resolve, reject) => { video.onloadeddata = resolve; video.onerror = () => { reject(new Error('not playable')); }; });
      video.currentTime = timeline.durationUs / 2e6;
      await new Promise((resolve) => { video.onseeked = resolve; });
      const raw = actors.frame(0);
      const shows: Record<string, number> = {};
      const played = new stage.real.VideoFrame(video);
      const [was, is] = [await stage.lumaOfFrame(raw), await stage.lumaOfFrame(played)];
      for (const actor of ['a', 'b'] as const) {
        const { x, y } = actors.faceOf(actor);
        shows[actor] = stage.measure(was, is, { x: x - 45, y: y - 55, width: 90, height: 110 }).exposed;
      }
      played.close();
      raw.close();
      URL.revokeObjectURL(video.src);

      // A dispute, the person's rights, the end of the dispute, erasure.
      await signIn(PEOPLE.zhao);
      const hold = await desk.hold(recordingId, { reason: 'Complaint 17 is not settled yet.', until: Date.now() + 86_400_000 });
      const rights = await openRights({ ledger, checkIdentity: () => Promise.resolve({ method: 'asked-in-person', outcome: 'confirmed' }) });
      const carry = async (right: 'access' | 'erase') => {
        const { requestId } = await rights.request(right, { dataSubject: subject });
        await rights.identify(requestId);
        return rights.carryOut(requestId, { by: 'person' });
      };
      const access = await carry('access');
      const copy = access.copy === null ? [] : Object.keys((await load<typeof import('fflate')>('fflate')).unzipSync(new Uint8Array(await access.copy.arrayBuffer())));
      const erase = await carry('erase');
      const whileHeld = (await desk.queue()).map((item) => ({ id: item.recordingId === recordingId, held: item.held }));
      await desk.releaseHold(recordingId, hold.holdId);
      const afterwards = (await desk.queue()).length;
      refused['erased'] = await codeOf(() => desk.open(recordingId));
      const shelf = await recordingApi.openRecordings({ grant });
      const left = (await shelf.list()).length;
      const receipts = await shelf.receipts();
      for (const receipt of receipts) await verifyErasureReceipt(receipt, { origin: location.origin });
      await shelf.close();

      // The log of all of it.
      await signIn(PEOPLE.qian);
      refused['an auditor who looks'] = await codeOf(() => desk.open(recordingId));
      const log = await (await desk.exportAudit()).text();
      const verdict = await verifyAuditExport(log);
      const lines = log.trimEnd().split('\n');
      const cut = await verifyAuditExport(lines.filter((_line, index) => index !== Math.floor(lines.length / 2)).join('\n'));
      const codes = [...new Set((await desk.auditLog()).map(({ code }) => code))];
      await desk.close();
      rights.close();
      return {
        refused, seen, shows, copy, left, sealedCount, afterwards, whileHeld, codes,
        frames: summary.frames > 5, queue: queue.map(({ originals, state }) => ({ originals: originals.length, state })),
        manifest: manifestVerdict.valid, tracks: timeline.tracks.length, samples: timeline.samples.length > 0,
        held: erase.receipt.left.dispute ?? 0, receipts: receipts.length, reasons: receipts.map(({ reason }) => reason),
        intact: verdict.intact, cutIntact: cut.intact,
        names: ['Watched', 'Complaint 17', 'passenger', subject].filter((word) => log.includes(word) && word !== subject),
      };
    },
    { scene, purposes: [...PURPOSES[scene]] },
  );
}

for (const scene of ['service', 'call', 'upload', 'processing'] as const) {
  const title = `scene ${scene}: consent, recording, review, one face for a reason and a while, dispute, rights, erasure, audit`;
  const clauses = '[TAF-5.3b][TAF-5.3c][TAF-5.5a][TAF-5.5b][MEG-audit][MEG-rights]';
  (scene === 'service' ? test : slow(test))(`${title} ${clauses}`, async ({ stage: page }) => {
    test.setTimeout(240_000);
    const told = await story(page, scene);
    test.info().annotations.push({ type: 'figures', description: JSON.stringify({ seen: told.seen, shows: told.shows }) });
    const sealing = scene !== 'call';
    expect(told.sealedCount > 0).toBe(sealing);
    // Held: the recording, what was added in its review, and the sealed face.
    expect(told).toMatchObject({ frames: true, manifest: true, samples: true, left: 0, afterwards: 0, held: 2 + told.sealedCount, intact: true, cutIntact: false, names: [] });
    expect(told.queue).toEqual([{ originals: told.sealedCount, state: 'new' }]);
    expect(told.tracks).toBeGreaterThanOrEqual(2);
    expect(told.whileHeld).toEqual([{ id: true, held: true }]);
    expect(told.reasons).toContain('hold-released');
    expect(told.copy.some((name) => /\.webm$/.test(name))).toBe(true);
    for (const actor of ['a', 'b']) expect(told.shows[actor], actor).toBeLessThan(0.1);
    expect(told.refused).toMatchObject({
      'no answer yet': 'refused',
      'nobody signed in': expect.stringMatching(/^ERR_ACCESS_DENIED/),
      'no work order': expect.stringMatching(/^ERR_ACCESS_DENIED/),
      'a request of nobody': expect.stringMatching(/^ERR_UNMASK_REFUSED request/),
      erased: expect.stringMatching(/^ERR_(MEDIA_INVALID|ACCESS_DENIED)/),
      'an auditor who looks': expect.stringMatching(/^ERR_ACCESS_DENIED/),
      'nobody approved': 'ERR_UNMASK_REFUSED approval',
      'a no': 'ERR_UNMASK_REFUSED approval',
      'signed out': expect.stringMatching(/^ERR_(UNMASK_REFUSED staff|ACCESS_DENIED)/),
      'somebody else': expect.stringMatching(/^ERR_(UNMASK_REFUSED|ACCESS_DENIED)/),
      'whoever asks approves': expect.stringMatching(/^ERR_/),
    });
    if (sealing) {
      expect(told.seen).toMatchObject({ shown: true, 'opaque over B': 0, 'canvas in the page': false, 'after the end': expect.stringMatching(/^ERR_UNMASK_REFUSED/) });
      // Words are written all over it.
      expect(Number(told.seen['a is A']) - Number(told.seen['a is B'])).toBeGreaterThan(0.15);
      expect(['staff', 'window']).toContain(told.seen['ended']);
      expect(told.refused['two looks were allowed']).toBe('ERR_UNMASK_REFUSED count');
    } else {
      expect(told.refused).toMatchObject({ 'originals in this scene': 'refused', 'nothing is sealed': expect.stringMatching(/^ERR_UNMASK_REFUSED (consent|item)/) });
    }
    for (const code of ['consent.given', 'capture.started', 'recording.stopped', 'staff.signed-in', 'review.opened', 'unmask.refused', 'work-order.issued', 'retention.hold-placed', 'rights.completed', 'retention.erased']) expect(told.codes).toContain(code);
  });
}
