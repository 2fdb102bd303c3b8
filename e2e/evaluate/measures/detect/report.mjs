export const reportDetect = (result) => ({ markdown: '', plots: {} });
