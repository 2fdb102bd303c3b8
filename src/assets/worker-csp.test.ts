import { describe, expect, test } from 'vitest';
import { THREADED_WORKER_CONTENT_SECURITY_POLICY, WORKER_CONTENT_SECURITY_POLICY, workerPolicyOf } from './worker-csp.ts';

describe('worker script names', () => {
  test.each(['redaction-onnx.worker.js', 'redaction-mediapipe.worker.js', 'redaction-onnx.worker-B1x_z-9.js', 'redaction-onnx.worker.4f3a9c.js', 'features.worker.js', 'features-webgpu.worker-B1x_.js', 'recording.worker.js', 'redaction-file.worker.js', 'unmask.worker.js'])(
    '%s is one',
    (name) => {
      expect(workerPolicyOf(name)).toBe(WORKER_CONTENT_SECURITY_POLICY);
    },
  );

  test.each(['redaction.js', 'featureless.worker.js', 'other.worker.js', 'redaction-onnx.worker.css', 'redaction-onnx.worker.js.map', 'a/redaction-onnx.worker.js'])(
    '%s is none',
    (name) => {
      expect(workerPolicyOf(name)).toBeNull();
    },
  );
});

test('the script with threads may start itself as a worker, and no other may', () => {
  for (const name of ['features-threads.worker.js', 'features-threads.worker-B1x_.js']) expect(workerPolicyOf(name)).toBe(THREADED_WORKER_CONTENT_SECURITY_POLICY);
  expect(workerPolicyOf('redaction-threads.worker.js')).toBe(WORKER_CONTENT_SECURITY_POLICY);
  expect(THREADED_WORKER_CONTENT_SECURITY_POLICY).toBe(`${WORKER_CONTENT_SECURITY_POLICY}; worker-src 'self'`);
});

test('the policy names no host, no scheme but blob: and no evaluation of script', () => {
  const directives = new Map(
    WORKER_CONTENT_SECURITY_POLICY.split(';').map((directive) => {
      const [name = '', ...sources] = directive.trim().split(/\s+/);
      return [name, sources] as const;
    }),
  );
  expect(directives.get('default-src')).toEqual(["'none'"]);
  expect(directives.get('script-src')).toEqual(["'wasm-unsafe-eval'"]);
  expect(directives.get('connect-src')).toEqual(['blob:']);
  expect(directives.size).toBe(3);
});
