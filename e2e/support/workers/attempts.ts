/** What came of an attempt: `blocked` with the error's name and code, or `passed`. */
export interface Outcome {
  readonly outcome: 'blocked' | 'passed' | 'absent';
  readonly error: string;
}

/* Each uses a door the way code that was smuggled into the worker would. */
const ATTEMPTS: Readonly<Record<string, (url: string) => unknown>> = {
  fetch: (url) => fetch(url),
  XMLHttpRequest: (url) => {
    const request = new XMLHttpRequest();
    request.open('GET', url, false);
    request.send();
  },
  WebSocket: (url) => new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'));
    socket.onopen = resolve;
    socket.onerror = () => { reject(new Error('socket error')); };
  }),
  WebTransport: (url) => new WebTransport(url.replace(/^http:/, 'https:')).ready,
  EventSource: (url) => new Promise((resolve, reject) => {
    const source = new EventSource(url);
    source.onopen = resolve;
    source.onerror = () => { reject(new Error('event source error')); };
  }),
  importScripts: (url) => {
    (globalThis as unknown as { importScripts(url: string): void }).importScripts(url);
  },
  import: (url) => import(url),
  sendBeacon: (url) => {
    if (!navigator.sendBeacon(url, 'x')) throw new Error('not sent');
  },
  RTCPeerConnection: (url) => new RTCPeerConnection({ iceServers: [{ urls: `stun:${new URL(url).host}` }] }).createDataChannel('x'),
  BroadcastChannel: () => {
    new BroadcastChannel('elsewhere').postMessage('x');
  },
  Worker: (url) => new Promise((resolve, reject) => {
    const worker = new Worker(url);
    worker.onmessage = resolve;
    worker.onerror = () => { reject(new Error('worker error')); };
  }),
  'caches.add': async (url) => {
    await (await caches.open('elsewhere')).add(url);
  },
  FontFace: (url) => new FontFace('x', `url(${url})`).load(),
  // Round the seal: the same doors reached through prototypes and constructors of other objects.
  'fetch of the prototype chain': (url) => {
    for (let holder = Object.getPrototypeOf(globalThis) as object | null; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) {
      const found = Object.getOwnPropertyDescriptor(holder, 'fetch')?.value as ((url: string) => unknown) | undefined;
      if (found !== undefined) return found.call(globalThis, url);
    }
    throw new Error('no other fetch');
  },
  'deleting the seal': (url) => {
    if (!Reflect.deleteProperty(globalThis, 'fetch')) throw new Error('cannot be deleted');
    return fetch(url);
  },
};

/** Tries one way to the network and says what came of it. */
export async function attempt(name: string, url: string): Promise<Outcome> {
  const run = ATTEMPTS[name];
  if (run === undefined) throw new RangeError(`there is no attempt ${name}`);
  try {
    await run(url);
    return { outcome: 'passed', error: '' };
  } catch (error) {
    const { name: kind, code, message } = error as Error & { code?: string };
    // A browser that lacks the door blocks it, too.
    if (error instanceof ReferenceError || (error instanceof TypeError && message.includes('is not a'))) return { outcome: 'absent', error: message };
    return { outcome: 'blocked', error: typeof code === 'string' ? code : kind };
  }
}
