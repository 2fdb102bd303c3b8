import { FacePrivacyError } from '../core/errors.ts';

/** Global functions and classes through which a worker could reach the network or another context. */
export const SEALED_GLOBALS = [
  'fetch',
  'fetchLater',
  'XMLHttpRequest',
  'WebSocket',
  'WebSocketStream',
  'WebTransport',
  'EventSource',
  'RTCPeerConnection',
  'RTCDataChannel',
  'BroadcastChannel',
  'Worker',
  'SharedWorker',
  'importScripts',
  'FontFace',
  'PushManager',
  'BackgroundFetchManager',
] as const;

/** The same on `navigator` and on the prototypes of objects that live on. */
const SEALED_METHODS: readonly (readonly [owner: string, method: string])[] = [
  ['Navigator', 'sendBeacon'],
  ['WorkerNavigator', 'sendBeacon'],
  ['Cache', 'add'],
  ['Cache', 'addAll'],
  ['ServiceWorkerContainer', 'register'],
];

/** Told of each attempt: which door, no more. */
export type IncidentListener = (incident: FacePrivacyError) => void;

/**
 * Shuts every way from this worker to the network, for good: replaced on the global object and along its prototype
 * chain, not writable, not configurable. Calling or constructing one throws ERR_EGRESS_BLOCKED and tells `onIncident`.
 * Dynamic `import()` is syntax and cannot be replaced: the Content-Security-Policy of the worker script shuts it
 * (`worker-csp.ts`), and its violations are told, too. Call it when everything is loaded.
 */
export function sealEgress(onIncident: IncidentListener): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  for (const name of SEALED_GLOBALS) {
    for (let holder: object | null = scope; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) {
      if (holder === scope || Object.hasOwn(holder, name)) shut(holder, name, name, onIncident);
    }
  }
  for (const [owner, method] of SEALED_METHODS) {
    const prototype = (scope[owner] as { prototype?: object } | undefined)?.prototype;
    if (prototype !== undefined) shut(prototype, method, `${owner}.${method}`, onIncident);
  }
  // `sendBeacon` does not exist in workers today; should one come, or a library add it, it is shut already.
  shut(navigator, 'sendBeacon', 'navigator.sendBeacon', onIncident);
  addEventListener('securitypolicyviolation', (event) => {
    const directive = 'effectiveDirective' in event ? String(event.effectiveDirective) : 'its policy';
    onIncident(blocked(`a resource under ${directive} (Content-Security-Policy)`));
  });
}

function shut(holder: object, key: string, name: string, onIncident: IncidentListener): void {
  const door = function (): never {
    const error = blocked(name);
    onIncident(error);
    throw error;
  };
  Object.defineProperty(holder, key, { value: door, writable: false, configurable: false, enumerable: false });
}

function blocked(name: string): FacePrivacyError {
  return new FacePrivacyError('ERR_EGRESS_BLOCKED', `Code in a sealed worker tried to use ${name}; it was stopped.`, {
    details: { attempt: name },
  });
}

/** The event of a refusal is a task of its own, which comes after the refusal itself. */
const VIOLATION_MS = 100;

/**
 * Whether this worker's Content-Security-Policy is in force: it refuses even a `data:` URL, which reaches no network
 * either way. Only the policy shuts dynamic `import()`. To be asked before {@link sealEgress}; the violation that it is
 * has been told when this answers, so that nobody takes it for an attempt.
 */
export async function isPolicyEnforced(): Promise<boolean> {
  const told = new Promise<void>((resolve) => {
    addEventListener('securitypolicyviolation', () => { resolve(); }, { once: true });
  });
  try {
    await fetch('data:,');
    return false;
  } catch {
    // Refused by the policy: what we want to know, not a failure.
    await Promise.race([told, new Promise((resolve) => { setTimeout(resolve, VIOLATION_MS); })]);
    return true;
  }
}
