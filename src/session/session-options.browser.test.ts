import { describe, expect, it } from 'vitest';
import { checkPictureOptions, checkSessionOptions, pipelineSettings, type SessionOptions } from './session-options.ts';
import { BautaIndicator, defineIndicator } from '../elements/indicator.ts';
import { adult, FakeBrowser, granted } from '../governance/consent/ledger-fixture.contract.ts';
import type { ConsentGrant } from '../governance/consent/grant.ts';

async function liveGrant(): Promise<ConsentGrant> {
  const ledger = await new FakeBrowser().open();
  await ledger.answer(adult(ledger.notice, 'given'));
  return granted(await ledger.require('live-redacted-view', 'subject-1'));
}

defineIndicator();
const indicator = document.body.appendChild(new BautaIndicator());
const good: SessionOptions = { grant: await liveGrant(), source: { kind: 'camera' } };

describe('checkSessionOptions', () => {
  it('accepts the least, and everything there is', () => {
    expect(() => { checkSessionOptions(good); }).not.toThrow();
    const all: Required<SessionOptions> = {
      ...good,
      source: { kind: 'file', file: new Blob(), loop: true },
      redaction: { method: 'pixelate', strength: 1, margin: 3 },
      detection: { engine: 'mediapipe', budgetMs: 10, maxAgeMs: 100, timeoutMs: 500, selfTestIntervalMs: 5000, threshold: 0.3 },
      tracking: { holdMs: 500, delayFrames: 5 },
      adapter: 'element',
      indicator,
      initiatedBy: 'user',
      assets: { baseUrl: '/models', createWorker: () => new Worker('data:,') },
      signal: new AbortController().signal,
      onProgress: () => undefined,
    };
    expect(() => { checkSessionOptions(all); }).not.toThrow();
  });

  it.each<[string, unknown, RegExp]>([
    ['no options', undefined, /openRedactionSession must be an object, got undefined/],
    ['no grant', { source: { kind: 'camera' } }, /openRedactionSession\.grant is missing/],
    ['no source', { grant: good.grant }, /openRedactionSession\.source is missing/],
    ['an unknown option', { ...good, blur: 5 }, /openRedactionSession\.blur is not an option\. Known options: /],
    ['an unknown nested option', { ...good, redaction: { blurRadius: 5 } }, /openRedactionSession\.redaction\.blurRadius is not an option/],
    ['a wrong method', { ...good, redaction: { method: 'gauss' } }, /redaction\.method must be one of 'frost', 'solid', 'blur', 'pixelate', got 'gauss'/],
    ['a strength over 1', { ...good, redaction: { strength: 50 } }, /redaction\.strength must be a number from 0 to 1, got 50/],
    ['a string for a number', { ...good, detection: { budgetMs: '18' } }, /detection\.budgetMs must be a number from 1 to 1000, got '18'/],
    ['a fractional delay', { ...good, tracking: { delayFrames: 1.5 } }, /tracking\.delayFrames must be a whole number from 0 to 30, got 1.5/],
    ['an unknown source', { ...good, source: { kind: 'screen' } }, /source\.kind must be one of 'camera'.*got screen/],
    ['a source named like an inherited property', { ...good, source: { kind: 'toString' } }, /source\.kind must be one of/],
    ['a track that is none', { ...good, source: { kind: 'track', track: {} } }, /source\.track must be a video MediaStreamTrack/],
    ['a camera with a file', { ...good, source: { kind: 'camera', file: new Blob() } }, /source\.file is not an option/],
    ['a file that is a path', { ...good, source: { kind: 'file', file: '/clip.webm' } }, /source\.file must be a Blob or File/],
    ['an unknown adapter', { ...good, adapter: 'webgl' }, /adapter must be one of 'auto', 'stream', 'element'/],
    ['an indicator that is none', { ...good, indicator: document.createElement('div') }, /indicator must be a <bauta-indicator>/],
    ['an initiator that is none', { ...good, initiatedBy: 'script' }, /initiatedBy must be one of 'app', 'user'/],
    ['a signal that is none', { ...good, signal: { aborted: false } }, /signal must be an AbortSignal/],
    ['files without a place', { ...good, assets: { baseUrl: '' } }, /assets\.baseUrl must be a URL, absolute or relative to the page, got ''/],
    ['files at no URL', { ...good, assets: { baseUrl: 'http://' } }, /assets\.baseUrl must be a URL, .*got 'http:\/\/'/],
    ['files of another origin', { ...good, assets: { baseUrl: 'https://cdn.example/' } }, /would come from https:\/\/cdn\.example, but .* set assets\.baseUrl/],
    ['a worker instead of its maker', { ...good, assets: { createWorker: {} } }, /assets\.createWorker must be a function/],
  ])('refuses %s', (_name, options, message) => {
    expect(() => { checkSessionOptions(options); }).toThrow(TypeError);
    expect(() => { checkSessionOptions(options); }).toThrow(message);
  });

  it('the picture redactor refuses what only a stream has', () => {
    expect(() => { checkPictureOptions({ grant: good.grant }); }).not.toThrow();
    expect(() => { checkPictureOptions({ grant: good.grant, tracking: {} }); }).toThrow(/openPictureRedactor\.tracking is not an option/);
  });
});

it('fills every default in for the worker', () => {
  const settings = pipelineSettings(good);
  expect(settings).toMatchObject({ style: { method: 'frost', strength: 0.5 }, delayFrames: 0, compositor: 'auto' });
  expect(JSON.stringify(settings)).not.toContain('null');
  // What leaks, leaks least at 1.
  expect((['blur', 'pixelate'] as const).map((method) => pipelineSettings({ ...good, redaction: { method } }).style.strength)).toEqual([1, 1]);
});
