import type { Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The purposes of the notice under which these tests record. */
export const PURPOSES = ['live-redacted-view', 'redacted-recording'] as const;

/** What ffprobe says of the video stream of a file. */
export interface Probed {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly durationS: number;
  /** Of each frame, seconds. */
  readonly times: readonly number[];
}

const FFPROBE = '/usr/bin/ffprobe';
export const hasFfprobe = existsSync(FFPROBE);

/** Reads a file with another decoder, to its last frame. */
export function probe(file: string): Probed {
  const text = execFileSync(FFPROBE, ['-v', 'error', '-select_streams', 'v:0', '-count_frames', '-show_entries', 'stream=codec_name,width,height,nb_read_frames:format=duration:frame=pts_time', '-of', 'json', file], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const { streams, format, frames } = JSON.parse(text) as {
    streams: { codec_name: string; width: number; height: number; nb_read_frames: string }[];
    format: { duration: string };
    frames: { pts_time: string }[];
  };
  const [stream] = streams;
  if (stream === undefined) throw new Error('ffprobe found no video');
  return {
    codec: stream.codec_name,
    width: stream.width,
    height: stream.height,
    frames: Number(stream.nb_read_frames),
    durationS: Number(format.duration),
    times: frames.map(({ pts_time: time }) => Number(time)),
  };
}

/** Puts a recorder's tools into the page, as `window.recording`. */
export async function openRecordingTools(page: Page): Promise<void> {
  await page.evaluate(async (purposes) => {
    const { stage } = window;
    const entry: string = 'bauta/recording';
    const bauta = (await import(entry)) as typeof import('bauta/recording');
    const ledger = await stage.consent.openLedger({ inBackground: 'continue', purposes, retentionDays: 30 });
    const grant = (dataSubject?: string) => stage.consent.grantFrom(ledger, purposes, dataSubject);
    const base64 = async (media: Blob): Promise<string> => {
      const url = await new Promise<string>((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => { resolve(reader.result as string); };
        reader.onerror = () => { reject(reader.error ?? new Error('unreadable')); };
        reader.readAsDataURL(media);
      });
      return url.slice(url.indexOf(',') + 1);
    };
    Object.assign(window, { recording: { bauta, ledger, grant, base64 } });
  }, PURPOSES);
}

declare global {
  interface Window {
    readonly recording: {
      readonly bauta: typeof import('bauta/recording');
      readonly ledger: Awaited<ReturnType<typeof import('../support/page/consent.mjs').openLedger>>;
      grant(dataSubject?: string): Promise<import('bauta').ConsentGrant>;
      base64(media: Blob): Promise<string>;
    };
  }
}
