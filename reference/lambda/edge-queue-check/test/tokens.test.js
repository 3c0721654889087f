'use strict';

const assert = require('node:assert/strict');
const { createHmac, generateKeyPairSync, sign: signWith } = require('node:crypto');
const { before, describe, it, mock } = require('node:test');
const { CLAIMS, EVENT, HEADER, NOW, PREVIOUS, SECONDS, SECRET, base64url, event, load, request, sign } = require('./viewer');

const KEY = new TextEncoder().encode(SECRET);
const PATH = `/api/tickets/${EVENT}/seats`;

let handler;
let jose;

before(async () => {
  jose = await import('jose');
  mock.timers.enable({ apis: ['Date'], now: NOW });
  handler = load(JSON.stringify({ QUEUE_ENTRY_TOKEN_SECRET: SECRET, QUEUE_ENTRY_TOKEN_SECRET_PREVIOUS: PREVIOUS }));
});

async function isLetIn(token, path = PATH) {
  const result = await handler(event(request(path, { tokens: [token] })));
  assert.ok(result.uri === path || result.status === '302', JSON.stringify(result));
  return result.uri === path;
}

const claims = (changes) => ({ ...CLAIMS, ...changes });
const without = (name) => Object.fromEntries(Object.entries(CLAIMS).filter(([each]) => each !== name));

describe('a token of the queue service', () => {
  it('that jose has signed is let in', async () => {
    const token = await new jose.SignJWT({ event: EVENT, jti: 'b1' })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer('queue-service')
      .setAudience('ticketing-entry')
      .setSubject('user-42')
      .setIssuedAt(SECONDS)
      .setNotBefore(SECONDS)
      .setExpirationTime(SECONDS + 1)
      .sign(KEY);
    assert.ok(await isLetIn(token));
  });

  const good = {
    'as it is issued': sign(),
    'without typ': sign(CLAIMS, { alg: 'HS256' }),
    'without iat': sign(without('iat')),
    'with the audience in a list': sign(claims({ aud: ['other', 'ticketing-entry'] })),
    'with claims that nobody asks for': sign(claims({ seat: { row: [1, { a: 1 }], 'b"': '\\' } })),
    'with a member of an inner object called as one of an outer': sign(claims({ inner: { exp: 1, sub: 'x' } })),
    'with exp as 1.8e9, a whole number': sign(JSON.stringify(claims({ exp: 0 })).replace('"exp":0', '"exp":1.8e9')),
    'signed by the key before': sign(CLAIMS, HEADER, { secret: PREVIOUS }),
    'with white space in its JSON': sign(JSON.stringify(CLAIMS, null, '\t\r\n')),
  };
  for (const [what, token] of Object.entries(good)) {
    it(`${what} is let in, and jose agrees`, async () => {
      assert.ok(await isLetIn(token));
      const key = what.includes('before') ? new TextEncoder().encode(PREVIOUS) : KEY;
      const currentDate = new Date(NOW);
      await jose.jwtVerify(token, key, { algorithms: ['HS256'], issuer: 'queue-service', audience: 'ticketing-entry', currentDate });
    });
  }

  it('holds on every protected path of its event, and where no event is named', async () => {
    for (const prefix of ['/api/tickets', '/API/Tickets', '/api/reservations', '/api/payments', '/booking']) {
      for (const rest of ['', '/', `/${EVENT}`, `/${EVENT}/`, `/${EVENT}/seats/A-1`]) assert.ok(await isLetIn(sign(), prefix + rest));
    }
  });

  it('does not hold for another event', async () => {
    for (const other of ['other', `${EVENT}x`, EVENT.slice(0, -1), EVENT.toUpperCase(), `x/${EVENT}`, `webhooksx/${EVENT}`]) {
      assert.ok(!(await isLetIn(sign(), `/api/tickets/${other}`)), other);
    }
  });

  it('holds to the millisecond before its end, and not at it', async () => {
    const token = sign(claims({ exp: SECONDS + 1, iat: SECONDS, nbf: SECONDS }));
    for (const [at, expected] of [[SECONDS * 1000 - 1, false], [SECONDS * 1000, true], [SECONDS * 1000 + 999, true], [SECONDS * 1000 + 1000, false]]) {
      mock.timers.setTime(at);
      assert.equal(await isLetIn(token), expected, String(at));
    }
    mock.timers.setTime(NOW);
  });
});

describe('a signature', () => {
  it('does not survive any bit that is turned, in any segment', async () => {
    const segments = sign().split('.');
    for (let which = 0; which < 3; which += 1) {
      const bytes = Buffer.from(segments[which], 'base64url');
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const turned = Buffer.from(bytes);
        turned[bit >> 3] ^= 1 << (bit & 7);
        const token = segments.with(which, turned.toString('base64url')).join('.');
        assert.ok(!(await isLetIn(token)), `segment ${which}, bit ${bit}`);
      }
    }
  });

  it('is taken in one spelling only', async () => {
    const token = sign();
    for (let at = 0; at < token.length; at += 1) {
      for (const character of 'AQgw_-+/=. \n"') {
        const other = token.slice(0, at) + character + token.slice(at + 1);
        if (other !== token) assert.ok(!(await isLetIn(other)), `${at}: ${JSON.stringify(character)}`);
      }
    }
  });

  const [header, payload, signature] = sign().split('.');
  const input = `${header}.${payload}`;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rs256 = `${base64url({ alg: 'RS256', typ: 'JWT' })}.${payload}`;
  const none = (alg) => `${base64url({ alg, typ: 'JWT' })}.${payload}`;
  const bad = {
    'none, without a signature': `${none('none')}.`,
    'None, without a signature': `${none('None')}.`,
    'NONE, with one': `${none('NONE')}.${signature}`,
    'nOnE, signed': sign(CLAIMS, { alg: 'nOnE', typ: 'JWT' }),
    'HS384': sign(CLAIMS, { alg: 'HS384', typ: 'JWT' }, { hash: 'sha384' }),
    'HS512': sign(CLAIMS, { alg: 'HS512', typ: 'JWT' }, { hash: 'sha512' }),
    'HS512, said to be HS256': sign(CLAIMS, HEADER, { hash: 'sha512' }),
    'HS256, said to be HS512': sign(CLAIMS, { alg: 'HS512', typ: 'JWT' }),
    'RS256': `${rs256}.${signWith('sha256', Buffer.from(rs256), privateKey).toString('base64url')}`,
    'HS256 with the public key': sign(CLAIMS, HEADER, { secret: publicKey.export({ type: 'spki', format: 'pem' }) }),
    'another key': sign(CLAIMS, HEADER, { secret: 'another-key-0123456789abcdefghijklmnop' }),
    'an empty key': sign(CLAIMS, HEADER, { secret: '' }),
    'the key in base64': sign(CLAIMS, HEADER, { secret: Buffer.from(SECRET).toString('base64') }),
    'the key, decoded': sign(CLAIMS, HEADER, { secret: Buffer.from(SECRET, 'base64') }),
    'alg missing': sign(CLAIMS, { typ: 'JWT' }),
    'alg null': sign(CLAIMS, { alg: null }),
    'alg a list': sign(CLAIMS, { alg: ['HS256'] }),
    'alg in lower case': sign(CLAIMS, { alg: 'hs256' }),
    'alg of the prototype': sign(CLAIMS, '{"__proto__":{"alg":"HS256"}}'),
    'header no object': sign(CLAIMS, '"HS256"'),
    'header no JSON': sign(CLAIMS, '{alg:HS256}'),
    'alg twice': sign(CLAIMS, '{"alg":"none","alg":"HS256"}'),
    'alg twice, spelt otherwise': sign(CLAIMS, '{"alg":"HS256","\\u0061lg":"HS256"}'),
    'crit': sign(CLAIMS, { ...HEADER, crit: ['exp'], exp: 1 }),
    'crit, empty': sign(CLAIMS, { ...HEADER, crit: [] }),
    'b64 false': sign(CLAIMS, { ...HEADER, b64: false, crit: ['b64'] }),
    'jwk': sign(CLAIMS, { ...HEADER, jwk: { kty: 'oct', k: base64url(SECRET) } }),
    'jku': sign(CLAIMS, { ...HEADER, jku: 'https://attacker.example/keys' }),
    'x5u': sign(CLAIMS, { ...HEADER, x5u: 'https://attacker.example/cert' }),
    'kid': sign(CLAIMS, { ...HEADER, kid: '../../../dev/null' }),
    'zip': sign(CLAIMS, { ...HEADER, zip: 'DEF' }),
    'typ of another kind': sign(CLAIMS, { alg: 'HS256', typ: 'at+jwt' }),
    'typ no text': sign(CLAIMS, { alg: 'HS256', typ: null }),
    'no signature': input,
    'an empty signature': `${input}.`,
    'a shorter signature': `${input}.${signature.slice(0, -1)}`,
    'a longer signature': `${input}.${signature}AA`,
    'a signature of wide characters': `${input}.${'é'.repeat(43)}`,
    'padding': `${input}.${signature}=`,
    'base64 of the other alphabet': `${input}.${createHmac('sha256', SECRET).update(input).digest('base64')}`,
    'white space before': ` ${sign()}`,
    'white space after': `${sign()} `,
    'a fourth segment': `${sign()}.`,
    'JWE': 'a.b.c.d.e',
    'JSON serialisation': JSON.stringify({ protected: header, payload, signature }),
    'a list joined by a comma': `${sign()},${sign()}`,
    'Bearer before it': `Bearer ${sign()}`,
    'quotation marks': `"${sign()}"`,
    'a percent sign': `${input}%2E${signature}`,
    'nothing': '',
    'dots': '..',
  };
  for (const [what, token] of Object.entries(bad)) {
    it(`${what} is refused`, async () => assert.ok(!(await isLetIn(token))));
  }

  it('last character: of the four that decode alike, one is taken', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    let taken = 0;
    for (const last of alphabet) if (await isLetIn(`${input}.${signature.slice(0, -1)}${last}`)) taken += 1;
    assert.equal(taken, 1);
  });
});

describe('claims, signed by the right key', () => {
  const text = (name, json) => JSON.stringify(claims({ [name]: '@' })).replace('"@"', json);
  const bad = {
    'exp missing': without('exp'),
    'exp 0': claims({ exp: 0 }),
    'exp past': claims({ exp: SECONDS - 1 }),
    'exp now': claims({ exp: SECONDS }),
    'exp a text': claims({ exp: String(SECONDS + 600) }),
    'exp a list': claims({ exp: [SECONDS + 600] }),
    'exp true': claims({ exp: true }),
    'exp null': claims({ exp: null }),
    'exp an object': claims({ exp: { valueOf: SECONDS + 600 } }),
    'exp with a fraction': claims({ exp: SECONDS + 600.5 }),
    'exp 1e400': text('exp', '1e400'),
    'exp beyond what a number counts': text('exp', '9007199254740993'),
    'exp NaN': text('exp', 'NaN'),
    'exp twice': `${JSON.stringify(CLAIMS).slice(0, -1)},"exp":${SECONDS + 900}}`,
    'exp twice, spelt otherwise': `${JSON.stringify(CLAIMS).slice(0, -1)},"e\\u0078p":${SECONDS + 900}}`,
    'exp in the prototype': text('exp', '0').replace('"exp":0', `"__proto__":{"exp":${SECONDS + 600}}`),
    'exp in capitals': { ...without('exp'), EXP: SECONDS + 600 },
    'a name twice further in': claims({ x: 0 }) && text('x', '{"a":1,"a":2}'),
    'nbf ahead': claims({ nbf: SECONDS + 1 }),
    'nbf a text': claims({ nbf: '0' }),
    'nbf null': claims({ nbf: null }),
    'iat ahead': claims({ iat: SECONDS + 1 }),
    'iat a text': claims({ iat: String(SECONDS) }),
    'sub missing': without('sub'),
    'sub empty': claims({ sub: '' }),
    'sub a number': claims({ sub: 42 }),
    'sub a list': claims({ sub: ['user-42'] }),
    'event missing': without('event'),
    'event another': claims({ event: 'autumn-gala-2026' }),
    'event in another case': claims({ event: EVENT.toUpperCase() }),
    'event a list': claims({ event: [EVENT] }),
    'event empty': claims({ event: '' }),
    'iss missing': without('iss'),
    'iss another': claims({ iss: 'auth-service' }),
    'iss a list': claims({ iss: ['queue-service'] }),
    'aud missing': without('aud'),
    'aud another': claims({ aud: 'ticketing-api' }),
    'aud a part': claims({ aud: 'ticketing' }),
    'aud an empty list': claims({ aud: [] }),
    'aud a list of others': claims({ aud: ['ticketing-api'] }),
    'aud a list with no text': claims({ aud: ['ticketing-entry', 7] }),
    'aud an object': claims({ aud: { 0: 'ticketing-entry' } }),
    'null': 'null',
    'a number': '7',
    'a text': '"x"',
    'a list': JSON.stringify([CLAIMS]),
    'nothing': ' ',
    'no JSON': "{'exp':1}",
    'a comma at the end': JSON.stringify(CLAIMS).replace('}', ',}'),
    'a comment': `/**/${JSON.stringify(CLAIMS)}`,
    'two values': `${JSON.stringify(CLAIMS)}{}`,
    'a byte order mark': `\ufeff${JSON.stringify(CLAIMS)}`,
    'too deep': text('x', `${'['.repeat(40)}${']'.repeat(40)}`),
  };
  for (const [what, payload] of Object.entries(bad)) {
    it(`${what}: refused`, async () => {
      const token = sign(payload);
      assert.ok(!(await isLetIn(token)), what);
      assert.ok(!(await isLetIn(token, '/api/tickets')) || what.startsWith('event another') || what.startsWith('event in'), what);
    });
  }

  it('in bytes that are no UTF-8: refused', async () => {
    const bytes = Buffer.from(JSON.stringify(claims({ sub: 'X' })).replace('"X"', '"\u00ff"'), 'latin1');
    const input = `${base64url(HEADER)}.${bytes.toString('base64url')}`;
    assert.ok(!(await isLetIn(`${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`)));
  });

  it('of more than 4096 characters: refused', async () => {
    assert.ok(await isLetIn(sign(claims({ x: 'a'.repeat(2000) }))));
    assert.ok(!(await isLetIn(sign(claims({ x: 'a'.repeat(4000) })))));
  });
});
