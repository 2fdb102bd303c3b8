const DATABASE = 'bauta-demo-directory';
const STORE = 'keys';
const NAME = 'signing';

/** The directory's key pair: its private half cannot be read, here or anywhere. */
export interface DirectoryKey {
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** The key of this browser's directory, made the first time. Two tabs that make one at once keep the first. */
export async function loadDirectoryKey(): Promise<DirectoryKey> {
  const made: DirectoryKey = { keyId: crypto.randomUUID(), ...(await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])) };
  const db = await settled(() => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.addEventListener('upgradeneeded', () => { opening.result.createObjectStore(STORE); });
    return opening;
  });
  try {
    const store = db.transaction(STORE, 'readwrite').objectStore(STORE);
    const kept = (await settled(() => store.get(NAME))) as DirectoryKey | undefined;
    if (kept !== undefined) return kept;
    await settled(() => store.put(made, NAME));
    return made;
  } finally {
    db.close();
  }
}

function settled<T>(ask: () => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = ask();
    request.addEventListener('success', () => { resolve(request.result); });
    request.addEventListener('error', () => { reject(request.error ?? new DOMException('The directory could not be stored.')); });
  });
}
