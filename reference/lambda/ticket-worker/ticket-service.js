// The ticket service's internal API: TICKET_SERVICE_URL, TICKET_SERVICE_TIMEOUT_MS for each call.

import http from 'node:http';
import https from 'node:https';
import { Failure } from './failure.js';

const DEFAULT_TIMEOUT_MS = 5000;

/** A client of the ticket service; throws where the environment names none. */
export function ticketServiceFrom(environment, credential) {
  const base = baseUrl(environment.TICKET_SERVICE_URL);
  const timeout = milliseconds(environment.TICKET_SERVICE_TIMEOUT_MS ?? DEFAULT_TIMEOUT_MS);

  /** The status of the answer, when it says that the instruction is carried out; else a Failure. */
  async function carryOut({ method, path, payload }, idempotencyKey) {
    const body = JSON.stringify(payload);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'idempotency-key': idempotencyKey,
      'x-ticketing-internal-token': await credential.get(),
    };
    const status = await exchange(new URL(`${base}${path}`), { method, headers, timeout }, body);
    if (status === 401 || status === 403) credential.forget();
    // 409: decided before, under this very key; the answer to an earlier delivery did not get here.
    if ((status >= 200 && status < 300) || status === 409) return status;
    throw new Failure(`the ticket service answered ${status}`);
  }

  return { carryOut, timeout };
}

/**
 * Sends one request and reads the whole answer, of which only the status is of use. No redirect is followed: the credential goes
 * nowhere else. Every call has a connection of its own: one that is kept would be dead after Lambda froze the process, and the
 * purchase would wait for the next delivery.
 */
function exchange(url, { method, headers, timeout }, body) {
  const client = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const fail = (error) => reject(new Failure(reasonOf(error, timeout)));
    const request = client.request(url, { method, headers, agent: false, signal: AbortSignal.timeout(timeout) }, (response) => {
      response.on('error', fail);
      response.on('end', () => resolve(response.statusCode));
      response.resume();
    });
    request.on('error', fail);
    request.end(body);
  });
}

function reasonOf(error, timeout) {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return `no answer from the ticket service in ${timeout} ms`;
  return `no whole answer from the ticket service: ${error.code ?? error.name}`;
}

function baseUrl(text) {
  if (!URL.canParse(text ?? '')) throw new Error('TICKET_SERVICE_URL is not set to a URL');
  const { protocol, origin, pathname, search, hash, username } = new URL(text);
  if (!['http:', 'https:'].includes(protocol) || search || hash || username) {
    throw new Error('TICKET_SERVICE_URL must be http(s)://host[:port][/path]');
  }
  return origin + pathname.replace(/\/$/, '');
}

function milliseconds(text) {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error('TICKET_SERVICE_TIMEOUT_MS must be a whole number of milliseconds');
  return number;
}
