/** Reads a file of models/ready from the server that serves the tests. */
export async function readReadyFile(name: string): Promise<ArrayBuffer> {
  const response = await fetch(`/models/ready/${name}`);
  if (!response.ok) throw new Error(`models/ready/${name}: status ${response.status}`);
  return response.arrayBuffer();
}

/** A development server may answer for a missing file with a page. */
export async function areModelsReady(names: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(names.map((name) => fetch(`/models/ready/${name}`, { method: 'HEAD' })));
  return answers.every(({ ok, headers }) => ok && headers.get('content-type')?.startsWith('text/html') !== true);
}
