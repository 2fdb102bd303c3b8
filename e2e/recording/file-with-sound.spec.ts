import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/stage-test.ts';
import { clipAs, ffmpeg, hasFfmpeg, NO_FFMPEG } from './second-decoder.ts';

test.skip(!hasFfmpeg, NO_FFMPEG);

const RATE = 8000;

/** What the second decoder hears in a file: codecs of its audio streams, how long the first is, and its strongest tone. */
function hear(file: string): { readonly codecs: readonly string[]; readonly durationS: number; readonly hz: number; readonly pictureS: number } {
  const streams = (kind: 'a' | 'v'): { readonly codec_name: string; readonly packets: readonly number[] }[] => {
    const text = execFileSync('/usr/bin/ffprobe', ['-v', 'error', '-select_streams', kind, '-show_entries', 'stream=index,codec_name:packet=stream_index,pts_time,duration_time', '-of', 'json', file], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const { streams, packets = [] } = JSON.parse(text) as { streams: { index: number; codec_name: string }[]; packets?: { stream_index: number; pts_time: string; duration_time?: string }[] };
    return streams.map(({ index, codec_name }) => ({ codec_name, packets: packets.filter(({ stream_index }) => stream_index === index).map(({ pts_time, duration_time }) => Number(pts_time) + Number(duration_time ?? 0)) }));
  };
  const [sounds, [picture]] = [streams('a'), streams('v')];
  const pictureS = Math.max(...(picture?.packets ?? [0]));
  if (sounds.length === 0) return { codecs: [], durationS: 0, hz: 0, pictureS };
  const raw = `${file}.pcm`;
  ffmpeg('-i', file, '-map', '0:a:0', '-ac', '1', '-ar', String(RATE), '-f', 'f32le', raw);
  const bytes = readFileSync(raw);
  const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length - (bytes.length % 4)));
  return { codecs: sounds.map(({ codec_name }) => codec_name), durationS: samples.length / RATE, hz: strongestHz(samples.subarray(Math.floor(samples.length / 2))), pictureS };
}

/** By its sum with sines and cosines, every 5 Hz. */
function strongestHz(samples: Float32Array): number {
  let best = { hz: 0, power: 0 };
  for (let hz = 100; hz <= 2000; hz += 5) {
    let [sine, cosine] = [0, 0];
    for (let i = 0; i < Math.min(samples.length, RATE / 2); i += 1) {
      sine += samples[i]! * Math.sin((2 * Math.PI * hz * i) / RATE);
      cosine += samples[i]! * Math.cos((2 * Math.PI * hz * i) / RATE);
    }
    const power = sine ** 2 + cosine ** 2;
    if (power > best.power) best = { hz, power };
  }
  return best.hz;
}

/** A person who has agreed to be recorded, and apart from that to sound. */
async function openSoundTools(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { stage } = window;
    const entry: string = 'bauta/recording';
    const bauta = (await import(entry)) as typeof import('bauta/recording');
    const purposes = ['live-redacted-view', 'redacted-recording', 'sound-recording'] as const;
    const ledger = await stage.consent.openLedger({ inBackground: 'continue', purposes, retentionDays: 30 });
    const subject = stage.consent.newSubject();
    await stage.consent.answerAll(ledger, subject);
    const grant = await stage.consent.requireGrant(ledger, ['live-redacted-view', 'redacted-recording'], subject);
    const sound = () => stage.consent.requireGrant(ledger, 'sound-recording', subject);
    const base64 = async (media: Blob): Promise<string> => {
      const bytes = new Uint8Array(await media.arrayBuffer());
      let text = '';
      for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
      return btoa(text);
    };
    const rows = (store: string): Promise<number> => new Promise((resolve) => {
      indexedDB.open('bauta-recordings').onsuccess = ({ target }) => {
        const db = (target as IDBOpenDBRequest).result;
        db.transaction(store).objectStore(store).count().onsuccess = ({ target }) => { resolve((target as IDBRequest<number>).result); db.close(); };
      };
    });
    Object.assign(window, { sounding: { bauta, ledger, subject, grant, sound, base64, rows } });
  });
}

interface SoundTools {
  readonly bauta: typeof import('bauta/recording');
  readonly ledger: import('bauta').ConsentLedger;
  readonly subject: string;
  readonly grant: import('bauta').ConsentGrant;
  sound(): Promise<import('bauta').ConsentGrant>;
  base64(media: Blob): Promise<string>;
  rows(store: string): Promise<number>;
}

test('a recording has sound only under its own consent; taken back, the sound goes and the picture stays, also of one that runs [TAF-5.3a] [MEG-separate] [MEG-withdraw]', async ({ stage: page }, info) => {
  test.setTimeout(90_000);
  await openSoundTools(page);
  const seen = await page.evaluate(async () => {
    const { stage } = window;
    const { bauta, ledger, subject, grant, sound, base64, rows } = (window as unknown as { sounding: SoundTools }).sounding;
    await stage.act();
    const audio = new AudioContext();
    const tone = new OscillatorNode(audio, { frequency: 440 });
    const heard = new MediaStreamAudioDestinationNode(audio);
    tone.connect(heard);
    tone.start();
    const track = heard.stream.getAudioTracks()[0]!;
    const soundGrant = await sound();
    // Small and plain: what is looked at here is heard.
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
    const painter = canvas.getContext('2d')!;
    const painting = setInterval(() => { painter.fillRect(Math.random() * 320, Math.random() * 180, 9, 9); }, 50);
    const { session, recorder } = await stage.open({ grant, source: { kind: 'track', track: canvas.captureStream(15).getVideoTracks()[0]! } });
    recorder.keep = false;
    const open = (audio?: unknown) => bauta.openRecording(session, { grant, ...(audio === undefined ? {} : { audio: audio as never }) });
    const code = async (audio: unknown) => {
      const { code, name } = await stage.failure(() => open(audio));
      return code ?? name;
    };
    const ended = track.clone();
    ended.stop();
    const refusals = {
      alone: await code('keep'),
      picture: await code({ track: session.track, grant: soundGrant }),
      ended: await code({ track: ended, grant: soundGrant }),
      noTrack: await code({ track: {}, grant: soundGrant }),
      noGrant: await code({ track }),
      recordingGrant: await code({ track, grant }),
      bundled: await code({ track, grant: await stage.consent.requireGrant(ledger, ['redacted-recording', 'sound-recording'], subject) }),
      otherPerson: await code({ track, grant: await stage.consent.grantFrom(ledger, 'sound-recording') }),
    };
    const [recording, plain] = [await open({ track, grant: soundGrant }), await open()];
    const kept = { us: 0 };
    recording.addEventListener('progress', ({ detail }) => { kept.us = detail.keptUs; });
    await stage.until(() => kept.us > 2_000_000, 'two seconds kept', 30_000);
    const summary = await recording.stop();
    const silent = await plain.stop();
    const shelf = await bauta.openRecordings({ grant });
    const media = await shelf.open(summary.recordingId);
    await bauta.verifyManifest(await shelf.manifest(summary.recordingId), media, { origin: location.origin });
    const listed = Object.fromEntries((await shelf.list()).map(({ recordingId, hasSound }) => [recordingId, hasSound]));
    const played = await new Promise<boolean>((resolve) => {
      const video = document.createElement('video');
      video.onloadeddata = () => { resolve((video as HTMLVideoElement & { captureStream(): MediaStream }).captureStream().getAudioTracks().length === 1); };
      video.src = URL.createObjectURL(media);
    });
    const plainText = await base64(await shelf.open(silent.recordingId));
    const soundRows = await rows('sounds');

    // Another one runs when the person takes sound back, and sound alone.
    const running = await open({ track, grant: soundGrant });
    const causes: unknown[] = [];
    running.addEventListener('sound-ended', ({ detail }) => causes.push(detail.cause?.code));
    const more = { us: 0 };
    running.addEventListener('progress', ({ detail }) => { more.us = detail.keptUs; });
    await stage.until(() => more.us > 0, 'a piece kept', 30_000);
    const answers = { 'live-redacted-view': 'given', 'redacted-recording': 'given', 'sound-recording': 'refused' } as const;
    await ledger.answer({ dataSubject: subject, language: 'zh-CN', answers, ageBand: 'adult' });
    const before = more.us;
    await stage.until(() => more.us > before, 'the picture goes on', 30_000);
    const after = await running.stop();
    // At once, on the shelf that is open: before anything was swept there.
    const media2 = await shelf.open(summary.recordingId);
    await bauta.verifyManifest(await shelf.manifest(summary.recordingId), media2, { origin: location.origin });
    await shelf.close();
    const swept = await bauta.openRecordings({ grant });
    const gone = await rows('sounds');
    const last = await swept.open(summary.recordingId);
    const lastManifest = await bauta.verifyManifest(await swept.manifest(summary.recordingId), last, { origin: location.origin });
    const receipts = (await swept.receipts()).map(({ reason, erased }) => `${reason} ${erased.keys}/${erased.media}`);
    const refusedNow = await code({ track, grant: soundGrant });
    const appsTrack = track.readyState;
    await swept.close();
    await session.close();
    await audio.close();
    clearInterval(painting);
    return {
      refusals, listed: [listed[summary.recordingId], listed[silent.recordingId]], played, soundRows, gone, causes, receipts, refusedNow, appsTrack,
      whole: { text: await base64(media), manifest: summary.manifest.audio, mimeType: summary.mimeType, hasSound: summary.hasSound, durationUs: summary.durationUs },
      plain: { text: plainText, manifest: silent.manifest.audio, mimeType: silent.mimeType },
      after: { manifest: after.manifest.audio, hasSound: after.hasSound, mimeType: after.mimeType, durationUs: after.durationUs },
      taken: await base64(media2), left: { text: await base64(last), manifest: lastManifest.audio },
    };
  });
  expect(seen.refusals).toEqual({
    alone: 'ERR_CONSENT_PURPOSE', picture: 'TypeError', ended: 'ERR_SOURCE_ENDED', noTrack: 'TypeError', noGrant: 'TypeError', recordingGrant: 'ERR_CONSENT_PURPOSE', bundled: 'ERR_CONSENT_PURPOSE', otherPerson: 'ERR_CONSENT_MISSING',
  });
  expect(seen).toMatchObject({ listed: [true, false], played: true, causes: ['ERR_CONSENT_REFUSED'], gone: 0, refusedNow: 'ERR_CONSENT_REFUSED', appsTrack: 'live' });
  expect(seen.soundRows).toBeGreaterThan(2);
  expect(seen.whole).toMatchObject({ manifest: { policy: 'kept', purpose: 'sound-recording' }, hasSound: true });
  expect(seen.whole.mimeType).toMatch(/,opus"$/);
  expect(seen.plain).toMatchObject({ manifest: { policy: 'dropped', purpose: null } });
  expect(seen.after).toMatchObject({ manifest: { policy: 'dropped', purpose: null }, hasSound: false, mimeType: seen.plain.mimeType });
  expect(seen.left.manifest).toEqual({ policy: 'dropped', purpose: null });
  // One for the recording that ran, one for the other; neither took a picture with it.
  expect(seen.receipts).toEqual(['withdrawn 1/0', 'withdrawn 1/0']);
  const written = (name: string, text: string): string => {
    const file = info.outputPath(name);
    writeFileSync(file, Buffer.from(text, 'base64'));
    return file;
  };
  const whole = hear(written('whole.webm', seen.whole.text));
  expect(whole.codecs).toEqual(['opus']);
  expect(Math.abs(whole.hz - 440)).toBeLessThanOrEqual(5);
  expect(Math.abs(whole.durationS - seen.whole.durationUs / 1e6)).toBeLessThan(0.15);
  for (const [name, text] of [['plain', seen.plain.text], ['taken', seen.taken], ['left', seen.left.text]] as const) expect(hear(written(`${name}.webm`, text)).codecs, name).toEqual([]);
  expect(hear(info.outputPath('left.webm')).pictureS).toBeCloseTo(whole.pictureS, 2);
});

test('a redacted file keeps its sound under a consent to that: copied to the last byte, or encoded anew; cut where the picture ends [MEG-separate]', async ({ stage: page, server }, info) => {
  test.setTimeout(90_000);
  await openSoundTools(page);
  const input = info.outputPath('input.webm');
  const picture = info.outputPath('picture.webm');
  clipAs(picture, 12, '-vf', 'scale=320:180', '-c:v', 'libvpx', '-b:v', '2M', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p');
  ffmpeg('-i', picture, '-f', 'lavfi', '-i', 'sine=frequency=880:duration=3', '-c:v', 'copy', '-c:a', 'libvorbis', input);
  server.intercept = (request, response) => {
    if (request.url !== '/input') return false;
    response.end(readFileSync(input));
    return true;
  };
  const made = await page.evaluate(async () => {
    const { stage } = window;
    const { bauta, ledger, subject, grant, sound, base64 } = (window as unknown as { sounding: SoundTools }).sounding;
    const file = await (await fetch('/input')).blob();
    const soundGrant = await sound();
    const redact = async (container: 'webm' | 'mp4', audio: unknown) => {
      await stage.act();
      const { media, manifest, mimeType, hasSound, audioTracksDropped } = await bauta.redactFile(file, { grant, container, audio: audio as never });
      await bauta.verifyManifest(manifest, media, { origin: location.origin });
      return { text: await base64(media), audio: manifest.audio, dropped: manifest.audioTracksDropped, mimeType, hasSound, audioTracksDropped };
    };
    const [copied, anew] = [await redact('webm', { grant: soundGrant }), await redact('mp4', { grant: soundGrant })];
    await stage.act();
    const answers = { 'live-redacted-view': 'given', 'redacted-recording': 'given', 'sound-recording': 'refused' } as const;
    const withdrawn = (await stage.failure(() => bauta.redactFile(file, {
      grant, audio: { grant: soundGrant }, onProgress: ({ phase }) => { if (phase === 'redacting') void ledger.answer({ dataSubject: subject, language: 'zh-CN', answers, ageBand: 'adult' }); },
    }))).code;
    return { copied, anew, withdrawn };
  });
  server.intercept = null;
  expect(made.withdrawn).toBe('ERR_CONSENT_REFUSED');
  for (const { audio, dropped, hasSound, audioTracksDropped } of [made.copied, made.anew]) expect({ audio, dropped, hasSound, audioTracksDropped }).toEqual({ audio: { policy: 'kept', purpose: 'sound-recording' }, dropped: 0, hasSound: true, audioTracksDropped: 0 });
  const sounds = Object.entries({ webm: made.copied, mp4: made.anew }).map(([container, { text }]) => {
    const file = info.outputPath(`redacted.${container}`);
    writeFileSync(file, Buffer.from(text, 'base64'));
    return { file, ...hear(file) };
  });
  expect(sounds.map(({ codecs }) => codecs)).toEqual([['vorbis'], ['opus']]);
  for (const { hz, durationS, pictureS } of sounds) {
    expect(Math.abs(hz - 880)).toBeLessThanOrEqual(5);
    expect(pictureS).toBeCloseTo(0.4, 1);
    expect(Math.abs(durationS - pictureS)).toBeLessThan(0.1);
  }
  const bytesOf = (file: string, name: string): Buffer => {
    const copy = info.outputPath(`${name}.bits`);
    ffmpeg('-i', file, '-map', '0:a:0', '-c', 'copy', '-f', 'data', copy);
    return readFileSync(copy);
  };
  const [before, after] = [bytesOf(input, 'before'), bytesOf(sounds[0]!.file, 'after')];
  expect(after.length).toBeGreaterThan(500);
  expect(before.subarray(0, after.length).equals(after)).toBe(true);
});
