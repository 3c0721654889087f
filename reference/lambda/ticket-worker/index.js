// Lambda's entry: takes purchases from the FIFO queue, reads the action of each, and hands it to the ticket service's internal API. What
// could not be done is reported, so that SQS delivers it again, and after maxReceiveCount deliveries puts it in the dead-letter queue.

import { createHandler } from './batch.js';

// Throws where the environment is not enough to work with: a function that cannot work does not start.
export const handler = createHandler(process.env);
