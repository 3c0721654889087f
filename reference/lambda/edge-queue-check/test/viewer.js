'use strict';

// What the tests share: a handler with a key and a clock of its own, tokens, and viewer requests.

const { createHmac } = require('node:crypto');
const { cpSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const SECRET = 'a-key-of-the-tests-0123456789abcdef';
const PREVIOUS = 'the-key-before-it-0123456789abcdefg';
const EVENT = 'spring-gala-2026';
const NOW = Date.parse('2026-05-01T09:00:00.500Z');
const SECONDS = Math.floor(NOW / 1000);

const SOURCES = ['index.js', 'path.js', 'transport.js', 'token.js', 'json.js', 'keys.js'];

/** The handler, loaded from a copy beside a config.json of the test's, as Lambda has it. */
function load(config) {
  const folder = mkdtempSync(path.join(tmpdir(), 'edge-queue-check-'));
  try {
    for (const name of SOURCES) cpSync(path.join(__dirname, '..', name), path.join(folder, name));
    if (config !== undefined) writeFileSync(path.join(folder, 'config.json'), config);
    return require(path.join(folder, 'index.js')).handler;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

const HEADER = { alg: 'HS256', typ: 'JWT' };
const CLAIMS = {
  iss: 'queue-service',
  aud: 'ticketing-entry',
  sub: 'user-42',
  event: EVENT,
  iat: SECONDS - 60,
  exp: SECONDS + 600,
};

/** Signed as it stands, legal or not: header and claims as objects, or as the very text. */
function sign(claims = CLAIMS, header = HEADER, { secret = SECRET, hash = 'sha256' } = {}) {
  const input = `${base64url(header)}.${base64url(claims)}`;
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
}

const list = (name, values) => values.map((value) => ({ key: name, value }));

/** A viewer request; `cookies` and `tokens` are the values of Cookie and X-Queue-Entry-Token headers. */
function request(uri, { cookies = [], tokens = [], headers = {}, method = 'GET', querystring = '' } = {}) {
  const all = { host: list('Host', ['www.ticketing.internal']), ...headers };
  if (cookies.length > 0) all.cookie = list('Cookie', cookies);
  if (tokens.length > 0) all['x-queue-entry-token'] = list('X-Queue-Entry-Token', tokens);
  return { clientIp: '192.0.2.7', method, uri, querystring, headers: all };
}

const event = (viewerRequest) => ({ Records: [{ cf: { config: { eventType: 'viewer-request' }, request: viewerRequest } }] });

module.exports = { CLAIMS, EVENT, HEADER, NOW, PREVIOUS, SECONDS, SECRET, base64url, event, list, load, request, sign };
