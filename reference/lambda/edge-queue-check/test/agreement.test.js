'use strict';

// Thousands of tokens and carriers at random (always the same ones): whatever is let in, jose lets in too, and the other way round.

const assert = require('node:assert/strict');
const { before, it, mock } = require('node:test');
const { CLAIMS, EVENT, HEADER, NOW, SECONDS, SECRET, event, load, request, sign } = require('./viewer');

const ROUNDS = 5000;
const KEY = new TextEncoder().encode(SECRET);

let handler;
let jose;

before(async () => {
  jose = await import('jose');
  mock.timers.enable({ apis: ['Date'], now: NOW });
  handler = load(JSON.stringify({ QUEUE_ENTRY_TOKEN_SECRET: SECRET }));
});

// mulberry32: the same numbers on every run.
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const VALUES = {
  exp: [SECONDS + 600, SECONDS + 1, SECONDS, SECONDS - 1, 0, -1, '2000000000', null, true, [], undefined],
  nbf: [undefined, SECONDS, SECONDS + 1, 0, '0', null],
  iat: [undefined, SECONDS - 60, SECONDS, SECONDS + 1, '0', null],
  iss: ['queue-service', 'auth-service', undefined, ['queue-service'], ''],
  aud: ['ticketing-entry', ['x', 'ticketing-entry'], ['x'], 'x', undefined, [], 7],
  sub: ['user-42', '', undefined, 7, null],
  event: [EVENT, EVENT.toUpperCase(), 'other', undefined, 7],
};
const HEADERS = [HEADER, { alg: 'HS256' }, { alg: 'none' }, { alg: 'HS512' }, { typ: 'JWT' }, { ...HEADER, crit: ['x'], x: 1 }];
const SECRETS = [SECRET, SECRET, SECRET, SECRET, SECRET, `${SECRET}x`];

/** The specification once more, by jose and by what jose leaves to its user. */
async function isExpected(token) {
  try {
    const { payload } = await jose.jwtVerify(token, KEY, {
      algorithms: ['HS256'],
      issuer: 'queue-service',
      audience: 'ticketing-entry',
      requiredClaims: ['exp', 'sub', 'event'],
      currentDate: new Date(NOW),
      clockTolerance: 0,
    });
    // jose reads base64url as it comes; here one spelling counts.
    const canonical = token.split('.').every((segment) => jose.base64url.encode(jose.base64url.decode(segment)) === segment);
    const ahead = payload.iat !== undefined && !(payload.iat <= SECONDS);
    return canonical && !ahead && typeof payload.sub === 'string' && payload.sub !== '' && payload.event === EVENT;
  } catch {
    return false;
  }
}

it('the handler and jose agree', async () => {
  const next = random(20260501);
  const pick = (from) => from[Math.floor(next() * from.length)];
  const seen = { in: 0, out: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const claims = { ...CLAIMS };
    for (const name of Object.keys(VALUES)) if (next() < 0.12) claims[name] = pick(VALUES[name]);
    let token = sign(claims, next() < 0.2 ? pick(HEADERS) : HEADER, { secret: pick(SECRETS) });
    if (next() < 0.1) {
      const at = Math.floor(next() * token.length);
      token = token.slice(0, at) + pick([...'AZaz09-_.= ']) + token.slice(at + (next() < 0.8 ? 1 : 0));
    }
    const carrier = next() < 0.5 ? { tokens: [token] } : { cookies: [`a=1; vwr-entry-token=${token}; b=2`] };
    const result = await handler(event(request(`/booking/${EVENT}`, carrier)));
    const letIn = result.uri !== undefined;
    seen[letIn ? 'in' : 'out'] += 1;
    // A cookie's value loses the blanks around it; a token that ends in one is another token in the header.
    const carried = carrier.cookies ? token.trim() : token;
    assert.equal(letIn, await isExpected(carried), `${token}\n${JSON.stringify(claims)}`);
  }
  assert.ok(seen.in > ROUNDS / 10 && seen.out > ROUNDS / 10, JSON.stringify(seen));
});
