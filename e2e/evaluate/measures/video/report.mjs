export const reportVideo = (result) => ({ markdown: '', plots: {} });
