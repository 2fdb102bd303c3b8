import { exposeRecordingWorker } from '../src/video/recording-worker.ts';

exposeRecordingWorker();
