// What a message may ask for: {"action": "RESERVE", "reservationId": "r-1", "payload": {…}}.

import { Failure } from './failure.js';

// Each action's endpoint in the ticket service.
const ACTIONS = new Map([
  ['RESERVE', { method: 'PUT', path: (id) => `/internal/reservations/${id}` }],
  ['CONFIRM', { method: 'POST', path: (id) => `/internal/reservations/${id}/confirm` }],
  ['CANCEL', { method: 'POST', path: (id) => `/internal/reservations/${id}/cancel` }],
]);

// It becomes part of a path.
const RESERVATION_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** The call that a message's body asks for; a Failure where it asks for nothing that there is. */
export function instructionOf(body) {
  const { action, reservationId, payload = {} } = parsed(body);
  if (!ACTIONS.has(action)) throw new Failure('unknown action');
  if (typeof reservationId !== 'string' || !RESERVATION_ID.test(reservationId)) throw new Failure('no legal reservationId');
  if (!isObject(payload)) throw new Failure('the payload is no object');
  const { method, path } = ACTIONS.get(action);
  return { action, method, path: path(reservationId), payload };
}

function parsed(body) {
  let message;
  try {
    message = JSON.parse(body);
  } catch {
    throw new Failure('the body is no JSON');
  }
  if (!isObject(message)) throw new Failure('the body is no JSON object');
  return message;
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
