import { makeClips } from '../../demo/clip/make.mjs';
import { chromiumLaunchOptions } from '../../scripts/chromium.mjs';
import { at } from '../../scripts/paths.mjs';
import { expect, test } from '../support/stage-test.ts';

/** Four people who stand side by side, for as long as the camera runs. */
const CLIP = 'bench-1280x720-4';

test.use({
  launchOptions: [
    async ({}, use) => {
      await makeClips({ only: [CLIP] });
      await use(chromiumLaunchOptions({ camera: at('.cache', 'clips', `${CLIP}.mjpeg`) }));
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

test('of four people in the camera, only the one who claimed their face reaches the embedder [TAF-5.3d]', async ({ stage: page }) => {
  test.setTimeout(180_000);
  const result = await page.evaluate(async (clipName) => {
    const { stage } = window;
    const { consent } = stage;
    const { openFaceFeatures, trackAt } = await stage.loadFeatures();
    const ledger = await consent.openLedger({ purposes: ['live-redacted-view', 'feature-extraction', 'comparison'], inBackground: 'continue' });
    const subject = consent.newSubject();
    await consent.answerAll(ledger, subject);
    const grant = await consent.requireGrant(ledger, 'live-redacted-view', subject);
    const biometric = await consent.requireGrant(ledger, ['feature-extraction', 'comparison'], subject);
    const { createWorker, crops } = stage.featuresTestWorker();
    const [opened, features] = await Promise.all([stage.open({ grant, adapter: 'stream' }), openFaceFeatures({ grant: biometric, assets: { createWorker } })]);
    const { session } = opened;
    const faces = stage.facesToldBy(session, trackAt);
    const clip = await stage.clip(clipName);
    const truth = clip.facesOf(0);
    /** A tap on the middle of a person's face. */
    const tap = (id: string): number | null => {
      const face = truth.find((known) => known.id === id)!;
      return faces.at(face.x + face.width / 2, face.y + face.height / 2);
    };
    const fourThere = (): boolean => faces.confirmed() === 4 && truth.every(({ id }) => tap(id) !== null);
    await stage.until(fourThere, 'four faces');
    const firstSeen = tap('6.3')!;
    const refusals = {
      'no biometric grant': await stage.failure(() => openFaceFeatures({ grant })),
      'nobody named, four there': await stage.failure(() => features.claim(session)),
      'nobody of that id': await stage.failure(() => features.claim(session, { trackId: 999 })),
      'a session of another person': await (async () => {
        const other = await consent.grantFrom(ledger, 'comparison');
        const theirs = await openFaceFeatures({ grant: other, assets: { createWorker } });
        const refused = await stage.failure(() => theirs.claim(session, { trackId: firstSeen }));
        await theirs.close();
        return refused;
      })(),
      'a look-alike of a session': await stage.failure(() => features.claim({ ...session } as never)),
    };

    /** Every claim that began, and how many crops came of it; the last one of a person was not lost. */
    const claims: { person: string; trackId: number; claimId: string; crops: number; vectors: number[][]; ended: string | null }[] = [];
    const look = (person: string, count: number) =>
      stage.claimed(async () => {
        await stage.until(fourThere, 'the four faces');
        const claim = await features.claim(session, { trackId: tap(person)! });
        const from = crops.length;
        const vectors: number[][] = [];
        try {
          for (let i = 0; i < count; i++) vectors.push([...(await features.extract(claim))]);
          await stage.until(fourThere, 'the four faces');
          const second = await features.claim(session, { trackId: tap('6.1')! }).then((other) => other.release(), stage.seen);
          if (second !== undefined) Object.assign(refusals, { 'a second claim': second });
          else await stage.until(() => claim.ended !== null, 'word that the first claim had ended when a second one was granted');
        } finally {
          await claim.release();
          claims.push({ person, trackId: claim.trackId, claimId: claim.claimId, crops: crops.length - from, vectors, ended: claim.ended });
        }
        Object.assign(refusals, { 'a released claim': await stage.failure(() => features.extract(claim)) });
        return claim.ended === 'released' ? claim : null;
      }, 60_000);
    await look('6.3', 4);
    await look('6.2', 4);
    const calls = features.calls;
    const claimFrames = opened.recorder.count;
    await stage.until(() => opened.recorder.count >= claimFrames + 10, 'ten frames without a claim');

    const shown = await Promise.all(
      crops.map(async (crop) => {
        const [right, left] = crop.face.keypoints;
        const middle = { x: (right!.x + left!.x) / 2, y: (right!.y + left!.y) / 2 };
        const owner = truth.filter(({ x, y, width, height }) => middle.x > x && middle.x < x + width && middle.y > y && middle.y < y + height).map(({ id }) => id);
        const alike: number[] = [];
        for (let frame = 0; frame < clip.truth.frames; frame += 15) alike.push(await stage.likeness(crop, clip.jpegOf(frame)));
        return { owner, alike: Math.max(...alike), others: crop.face.others };
      }),
    );
    // What the measure gives where pixels and place do not belong together.
    const mistaken = await stage.likeness({ rgb: crops.at(-1)!.rgb, face: crops[0]!.face }, clip.jpegOf(0));
    const log = (await ledger.auditLog())
      .filter(({ code, ids }) => code.startsWith('claim.') && claims.some(({ claimId }) => claimId === ids['claimId']))
      .map(({ code, ids }) => [code, ids['trackId'], ids['reason'] ?? null]);
    const callsAtEnd = features.calls.length;
    await Promise.all([session.close(), features.close()]);
    return { refusals: Object.fromEntries(Object.entries(refusals).map(([why, { code, name }]) => [why, code ?? name])), claims, calls, callsAtEnd, shown, mistaken, log };
  }, CLIP);

  expect(result.refusals).toEqual({
    'no biometric grant': 'ERR_CONSENT_PURPOSE',
    'nobody named, four there': 'ERR_CLAIM_AMBIGUOUS',
    'nobody of that id': 'ERR_CLAIM_AMBIGUOUS',
    'a session of another person': 'ERR_CONSENT_MISSING',
    'a look-alike of a session': 'TypeError',
    'a second claim': 'ERR_CLAIM_AMBIGUOUS',
    'a released claim': 'ERR_CLAIM_ENDED',
  });
  const { claims } = result;
  const lastOf = (person: string) => claims.findLast((claim) => claim.person === person)!;
  const [first, second] = [lastOf('6.3'), lastOf('6.2')];
  expect([first, second].map(({ crops, ended }) => [crops, ended])).toEqual([[4, 'released'], [4, 'released']]);
  // The log of the embedder: each call in the name of the claim, and no other.
  expect(result.calls.map(({ origin }) => origin)).toEqual(claims.flatMap(({ crops, claimId, trackId }) => Array.from({ length: crops }, () => ({ kind: 'claim', claimId, trackId }))));
  expect(result.callsAtEnd).toBe(result.calls.length);
  // And the pixels: what the embedder was given lies in the known box of that person, and looks like that place of the clip.
  test.info().annotations.push({ type: 'figures', description: JSON.stringify({ shown: result.shown, mistaken: result.mistaken }) });
  expect(result.shown.map(({ owner }) => owner)).toEqual(claims.flatMap(({ crops, person }) => Array.from({ length: crops }, () => [person])));
  expect(result.shown.every(({ others }) => others === 0)).toBe(true);
  expect(Math.min(...result.shown.map(({ alike }) => alike))).toBeGreaterThan(0.75);
  expect(result.mistaken).toBeLessThan(0.6);
  const apart = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((value, i) => value - b[i]!));
  const pairs = (one: typeof first, other: typeof first): number[] => one.vectors.flatMap((a) => other.vectors.map((b) => apart(a, b)));
  const within = Math.max(...pairs(first, first), ...pairs(second, second));
  expect(within).toBeLessThan(0.4);
  // Two people, and not one crop by mistake. A single pair of vectors wavers by a tenth; their mean does not.
  const across = pairs(first, second);
  expect(across.reduce((sum, distance) => sum + distance, 0) / across.length).toBeGreaterThan(0.6);
  expect(Math.min(...across)).toBeGreaterThan(1.5 * within);
  expect(result.log).toEqual(claims.flatMap(({ trackId, ended }) => [['claim.started', trackId, null], ['claim.ended', trackId, ended]]));
  await expect.poll(() => page.workers().length).toBe(0);
});

test('a claim ends for good with whatever makes it doubtful, and the embedder is not asked again [TAF-5.3d]', async ({ stage: page }) => {
  test.setTimeout(300_000);
  const results = await page.evaluate(async () => {
    const { stage } = window;
    const { consent } = stage;
    const { openFaceFeatures, trackAt } = await stage.loadFeatures();
    const ledger = await consent.openLedger({ purposes: ['live-redacted-view', 'feature-extraction', 'comparison'], inBackground: 'continue' });
    const actors = await stage.Actors.enter();
    const { createWorker, crops } = stage.featuresTestWorker();

    const begin = async () => {
      const subject = consent.newSubject();
      await consent.answerAll(ledger, subject);
      const [grant, biometric] = [await consent.requireGrant(ledger, 'live-redacted-view', subject), await consent.requireGrant(ledger, 'feature-extraction', subject)];
      const source = new stage.FedTrack(actors.frame, 50);
      const [opened, features] = await Promise.all([
        stage.open({ grant, source: { kind: 'track', track: source.track } }),
        openFaceFeatures({ grant: biometric, assets: { createWorker } }),
      ]);
      actors.shown = () => opened.recorder.count;
      const faces = stage.facesToldBy(opened.session, trackAt);
      const trackId = (): number | null => {
        const { x, y } = actors.faceOf('a');
        return faces.at(x, y);
      };
      return { subject, opened, features, source, trackId };
    };
    const patienceMs = 60_000;
    type Cast = Awaited<ReturnType<typeof begin>>;

    /** Claims the face of actor A, who stands apart from B, has it looked at, and lets `happen` end the claim. */
    const play = async (cast: Cast, happen: (claim: Awaited<ReturnType<Cast['features']['claim']>>) => unknown) => {
      const { opened, features } = cast;
      const { session, recorder } = opened;
      Object.assign(actors.target, { a: 330, b: 650 });
      await stage.until(() => actors.faceOf('a').x === 330 && actors.faceOf('b').x === 650, 'both in their places', patienceMs);
      // A claim whose face was looked at once. What they did in the scene before may still be in doubt.
      const claim = await stage.claimed(async () => {
        await stage.until(() => cast.trackId() !== null, 'actor A to be followed', patienceMs);
        const claim = await features.claim(session, { trackId: cast.trackId()! });
        await features.extract(claim);
        return claim;
      }, patienceMs);
      const told: string[] = [];
      claim.addEventListener('ended', ({ detail }) => told.push(detail.reason));
      await happen(claim);
      await stage.until(() => claim.ended !== null, 'the end of the claim', patienceMs);
      const [calls, crop, shown] = [features.calls.length, crops.length, recorder.count];
      const refused = await stage.failure(() => features.extract(claim));
      await stage.until(() => recorder.count >= shown + 6 || session.state === 'closed', 'six frames more', patienceMs);
      return {
        ended: claim.ended, told, refused: refused.code, reason: (refused.details as { reason?: string } | null)?.reason ?? null,
        callsAfter: features.calls.length - calls, cropsAfter: crops.length - crop, claimId: claim.claimId,
      };
    };

    const results: Record<string, Awaited<ReturnType<typeof play>>> = {};
    const first = await begin();
    const { session } = first.opened;
    results['the face leaves'] = await play(first, () => { actors.target.a = null; });
    results['another face comes close'] = await play(first, () => { actors.target.b = 350; });
    results['the page lets go'] = await play(first, (claim) => claim.release());
    const other = new stage.FedTrack(actors.frame, 50);
    results['another source'] = await play(first, async () => {
      await stage.act();
      await session.setSource({ kind: 'track', track: other.track });
    });
    results['consent is withdrawn'] = await play(first, () => ledger.withdraw(first.subject));
    await first.opened.closed;
    for (const track of [first.source, other]) track.stop();

    const second = await begin();
    results['the features close'] = await play(second, () => second.features.close());
    const features = await openFaceFeatures({ grant: second.features.grant, assets: { createWorker } });
    results['the session closes'] = await play({ ...second, features }, () => second.opened.session.close());
    await features.close();
    second.source.stop();
    const entries = (await ledger.auditLog()).filter(({ code }) => code.startsWith('claim.'));
    const logged = Object.values(results).map(({ claimId }) => entries.filter(({ ids }) => ids['claimId'] === claimId).map(({ code, ids }) => ids['reason'] ?? code));
    return { results, logged };
  });

  const ending = (reason: string, refused = 'ERR_CLAIM_ENDED', given: string | null = reason) =>
    ({ ended: reason, told: [reason], refused, reason: given, callsAfter: 0, cropsAfter: 0, claimId: expect.any(String) as unknown });
  expect(results.results).toEqual({
    'the face leaves': ending('face-lost'),
    'another face comes close': ending('faces-crossed'),
    'the page lets go': ending('released'),
    'another source': ending('source-changed'),
    'consent is withdrawn': ending('consent-ended', 'ERR_CONSENT_WITHDRAWN', null),
    'the features close': ending('released', 'ERR_SESSION_CLOSED', null),
    'the session closes': ending('session-closed'),
  });
  expect(results.logged).toEqual(Object.values(results.results).map(({ ended }) => ['claim.started', ended]));
  await expect.poll(() => page.workers().length).toBe(0);
});

test('neither a raw frame nor a crop is ever on the main thread while a face is claimed and looked at [MEG-no-raw-face]', async ({ stage: page }) => {
  test.setTimeout(120_000);
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const { consent, spied } = stage;
    const { openFaceFeatures, trackAt } = await stage.loadFeatures();
    const ledger = await consent.openLedger({ purposes: ['live-redacted-view', 'feature-extraction'], inBackground: 'continue' });
    const subject = consent.newSubject();
    await consent.answerAll(ledger, subject);
    const actors = await stage.Actors.enter();
    actors.target.b = null;
    const source = new stage.FedTrack(actors.frame, 50);
    const [opened, features] = await Promise.all([
      stage.open({ grant: await consent.requireGrant(ledger, 'live-redacted-view', subject), source: { kind: 'track', track: source.track }, adapter: 'stream' }),
      openFaceFeatures({ grant: await consent.requireGrant(ledger, 'feature-extraction', subject) }),
    ]);
    const faces = stage.facesToldBy(opened.session, trackAt);
    await stage.until(() => faces.confirmed() === 1, 'one face');
    const claim = await features.claim(opened.session);
    const lengths = [(await features.extract(claim)).length, (await features.extract(claim)).length];
    const calls = features.calls.length;
    await Promise.all([opened.session.close(), features.close()]);
    source.stop();
    // The test of the tests: what the spies would have noted.
    const { port1, port2 } = new MessageChannel();
    const came = new Promise((resolve) => {
      port1.onmessage = resolve;
    });
    port2.postMessage({ crop: { rgb: new Uint8Array(67_500) } });
    await came;
    port1.close();
    return { lengths, calls, cspEnforced: features.report.cspEnforced, pixelCalls: spied.pixelCalls, handles: spied.handles, bytesHeard: spied.bytesHeard };
  });
  // All that came over is the two vectors that the app asked for, 128 floats each.
  expect(result).toEqual({ lengths: [128, 128], calls: 2, cspEnforced: true, pixelCalls: [], handles: [], bytesHeard: [512, 512, 67_500] });
  await expect.poll(() => page.workers().length).toBe(0);
});
