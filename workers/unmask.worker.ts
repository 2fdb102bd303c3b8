import { exposeReviewWorker } from '../src/review/review-worker.ts';

exposeReviewWorker();
