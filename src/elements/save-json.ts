/** Hands a value to the person as a file on their own device. */
export function saveJson(value: unknown, name: string): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}.json`;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url); // Not at once: the browser reads it after the press has been dealt with.
  }, 10_000);
}
