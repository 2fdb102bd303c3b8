/** Hands a text to the person as a file on their own device. */
export function saveFile(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url); // Not at once: the browser reads it after the press has been dealt with.
  }, 10_000);
}
