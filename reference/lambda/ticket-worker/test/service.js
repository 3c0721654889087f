// A ticket service on loopback, which answers as each test tells it, and SQS records.

import { createServer } from 'node:http';
import { once } from 'node:events';

export const TOKEN = 'a-credential-of-the-tests';

/** A real server: `answer(request, response, body)` decides; `calls` are what it was asked, in order. */
export async function ticketService(answer = (_, response) => response.end()) {
  const calls = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    calls.push({ method: request.method, path: request.url, headers: request.headers, body });
    await answer(request, response, body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    calls,
    url: `http://127.0.0.1:${server.address().port}`,
    [Symbol.asyncDispose]: () => close(server),
    close: () => close(server),
  };
}

function close(server) {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}

let count = 0;

/** A record of a FIFO queue; `body` an object, or the very text. */
export function record(body, { group = 'g', deduplication } = {}) {
  count += 1;
  const messageId = `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
  return {
    messageId,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: { MessageGroupId: group, MessageDeduplicationId: deduplication ?? `d-${count}`, ApproximateReceiveCount: '1' },
    eventSource: 'aws:sqs',
  };
}

export const reserve = (reservationId, options) => record({ action: 'RESERVE', reservationId, payload: { seats: ['A-1'] } }, options);

export const failed = (records) => ({ batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) });
