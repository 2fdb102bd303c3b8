import { describe } from 'vitest';
import { testConsentStore } from '../../vault/consent-store.contract.ts';
import { MemoryPlace, MemoryStore } from './memory-store.contract.ts';

describe('MemoryStore', () => {
  const place = new MemoryPlace();
  testConsentStore(() => Promise.resolve(new MemoryStore(place)));
});
