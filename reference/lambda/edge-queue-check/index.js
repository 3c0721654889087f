'use strict';

// Lambda@Edge, viewer request: whoever asks for a protected path must have waited in the queue.
// It has no network, no state and no environment: one request in, one decision out.

const { EVENT_ID, isCanonical, isUnder } = require('./path');
const { verify } = require('./token');
const { entryToken } = require('./transport');
const { keys } = require('./keys');

// What needs a queue entry token. The gateway protects the same paths. The segment after one of them is the event's id.
const PROTECTED_PATHS = ['/api/tickets', '/api/reservations', '/api/payments', '/booking'];

// What never does, asked before PROTECTED_PATHS: the queue itself, signing in, and the payment provider's notifications, which
// the provider signs (so no event may have the id "webhooks").
const BYPASS_PATHS = ['/api/queue', '/queue', '/api/auth', '/api/payments/webhooks'];

// Where a viewer without a token is sent.
const QUEUE_PATH = '/queue';

// The platform's own headers: CloudFront's for the gateway (contracts/cloudfront-header.json), the services' among themselves. A
// viewer has no business with one, so none of a viewer's goes on.
const PLATFORM_HEADERS = 'x-ticketing-';

const NO_STORE = [{ key: 'Cache-Control', value: 'no-store' }];

/** The decision on one viewer request, at `now` (milliseconds): the request itself, or the response that refuses it. */
function decide(request, now) {
  const path = request.uri;
  if (!isCanonical(path)) return badRequest();

  const headers = request.headers ?? {};
  if (!isBypassed(path)) {
    const prefix = protectingPrefix(path);
    if (prefix !== undefined) {
      const event = path.slice(prefix.length + 1).split('/', 1)[0];
      const claims = verify(entryToken(headers), keys, now);
      if (claims === null || (event !== '' && claims.event !== event)) return toTheQueue(event);
    }
  }

  for (const name of Object.keys(headers)) if (name.startsWith(PLATFORM_HEADERS)) delete headers[name];
  return request;
}

// Exact: a spelling that is not quite a bypass is none.
function isBypassed(path) {
  return BYPASS_PATHS.some((prefix) => isUnder(path, prefix));
}

// In any case: the gateway, or a proxy before it, may not care for capitals.
function protectingPrefix(path) {
  const lowered = path.toLowerCase();
  return PROTECTED_PATHS.find((prefix) => isUnder(lowered, prefix));
}

function toTheQueue(event) {
  const location = EVENT_ID.test(event) ? `${QUEUE_PATH}?event=${event}` : QUEUE_PATH;
  return {
    status: '302',
    statusDescription: 'Found',
    headers: { location: [{ key: 'Location', value: location }], 'cache-control': NO_STORE },
  };
}

function badRequest() {
  return {
    status: '400',
    statusDescription: 'Bad Request',
    headers: { 'cache-control': NO_STORE, 'content-type': [{ key: 'Content-Type', value: 'text/plain; charset=utf-8' }] },
    body: 'Bad Request\n',
  };
}

// An exception would be CloudFront's 502, and its message would be in the log: a request that cannot be read is refused instead.
exports.handler = async (event) => {
  try {
    return decide(event.Records[0].cf.request, Date.now());
  } catch {
    return badRequest();
  }
};
