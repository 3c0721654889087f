'use strict';

const assert = require('node:assert/strict');
const { before, describe, it, mock } = require('node:test');
const { EVENT, NOW, SECRET, event, load, request, sign } = require('./viewer');

let handler;

before(() => {
  mock.timers.enable({ apis: ['Date'], now: NOW });
  handler = load(JSON.stringify({ QUEUE_ENTRY_TOKEN_SECRET: SECRET }));
});

const answer = (uri, options) => handler(event(request(uri, options)));
const isThrough = (result) => result.uri !== undefined;

describe('without a token', () => {
  const protectedPaths = ['/api/tickets', '/api/reservations', '/api/payments', '/booking'].flatMap((prefix) => [
    prefix,
    `${prefix}/`,
    `${prefix}/${EVENT}`,
    `${prefix}/${EVENT}/seats`,
    prefix.toUpperCase(),
    `${prefix.replace('a', 'A').replace('b', 'B')}/x`,
  ]);
  for (const uri of protectedPaths) {
    it(`${uri} is sent to the queue, uncached`, async () => {
      const result = await answer(uri);
      assert.equal(result.status, '302');
      assert.match(result.headers.location[0].value, /^\/queue(\?event=[A-Za-z0-9_-]+)?$/);
      assert.equal(result.headers['cache-control'][0].value, 'no-store');
    });
  }

  it('names the event to the queue, when it is one', async () => {
    assert.equal((await answer(`/booking/${EVENT}/seats`)).headers.location[0].value, `/queue?event=${EVENT}`);
    assert.equal((await answer('/booking/not~an~id')).headers.location[0].value, '/queue');
    assert.equal((await answer('/booking')).headers.location[0].value, '/queue');
  });

  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    it(`${method} is no exception`, async () => {
      assert.equal((await answer('/api/tickets/x', { method })).status, '302');
    });
  }

  const open = [
    '/', '/index.html', '/assets/app-B3k_9~x.js', '/api/catalog/events', '/api/community/posts/1', '/events/spring-gala',
    '/queue', '/queue/', '/queue/position', '/api/queue', '/api/queue/join', '/api/auth/login', '/api/payments/webhooks',
    '/api/payments/webhooks/toss',
    // Boundaries: these are not the protected ones, and the load balancer and gateway agree.
    '/api/ticketsX', '/api/tickets-archive', '/bookings', '/xbooking', '/x/api/tickets', '/api/tickets.json', '/api',
  ];
  for (const uri of open) {
    it(`${uri} goes on`, async () => assert.ok(isThrough(await answer(uri))));
  }

  for (const uri of ['/api/payments/webhooksX', '/api/payments/Webhooks', '/API/payments/webhooks', '/api/payments/x/webhooks']) {
    it(`${uri} is no bypass`, async () => assert.equal((await answer(uri)).status, '302'));
  }
});

describe('a spelling that somebody may read as another path', () => {
  const spellings = [
    '', 'api/tickets', '*', 'https://www.ticketing.internal/api/tickets', '?', '/api/tickets?x', '/api/tickets#x',
    '//api/tickets', '/api//tickets', '/api/tickets//', '//', '/./api/tickets', '/api/./tickets', '/api/tickets/.', '/.', '/..',
    '/api/queue/../tickets', '/api/queue/..', '/api/auth/../../api/tickets', '/api/tickets/..', '/...', '/api/tickets.',
    '/api/tickets./x', '/api/queue/.../x',
    '/api/queue/%2e%2e/tickets', '/api/queue/%2E./tickets', '/%61pi/tickets', '/api/ticket%73', '/api%2ftickets', '/api%2Ftickets',
    '/api/queue%2f..%2ftickets', '/api/%2574ickets', '/api/queue/%252e%252e/tickets', '/api/queue/%c0%ae%c0%ae/tickets',
    '/api/queue/..%5ctickets', '/api/%', '/api/%4', '/api/%zz', '/api/tickets%00', '/api/tickets%20', '/api/tickets%09',
    '/api/queue/..;/tickets', '/api/tickets;a=b', '/api;x/tickets', '/api/queue;/../tickets', ';',
    '\\api\\tickets', '/api\\tickets', '/api/queue/..\\tickets',
    '/api/tickets ', ' /api/tickets', '/api/tickets\0', '/api/tickets\t', '/api/tickets\n', '/api/tickets\r\n',
    '/api/ticĸets', '/ａｐｉ/tickets', '/api/tıckets', '/api／tickets', '/api/tickets\u200b', '/api/ticKets'.replace('K', '\u212a'),
    `/${'a'.repeat(2048)}`,
  ];
  for (const uri of spellings) {
    it(`${JSON.stringify(uri.slice(0, 60))} is refused, token or not`, async () => {
      for (const options of [{}, { tokens: [sign()] }]) {
        const result = await answer(uri, options);
        assert.equal(result.status, '400');
        assert.equal(result.headers['cache-control'][0].value, 'no-store');
      }
    });
  }

  it('no character is let through that is not stated', async () => {
    for (let code = 0; code <= 0x2fff; code += 1) {
      const character = String.fromCharCode(code);
      const result = await answer(`/a${character}b`);
      assert.equal(isThrough(result), /[A-Za-z0-9._~/-]/.test(character), `U+${code.toString(16)}`);
    }
  });
});

describe('what is no request', () => {
  const broken = [
    undefined, null, {}, { Records: [] }, { Records: [{}] }, { Records: [{ cf: {} }] }, { Records: [{ cf: { request: null } }] },
    event({}), event({ uri: 7, headers: {} }), event({ uri: ['/api/tickets'], headers: {} }), event({ headers: {} }),
    event({ uri: '/api/tickets', headers: { cookie: null } }), event({ uri: '/api/tickets', headers: { cookie: 'x' } }),
    event({ uri: '/api/tickets', headers: { cookie: [{}] } }), event({ uri: '/api/tickets', headers: { cookie: [null] } }),
    event({ uri: '/api/tickets', headers: { 'x-queue-entry-token': [{ value: 7 }] } }),
  ];
  for (const [index, each] of broken.entries()) {
    it(`is refused and does not throw (${index})`, async () => assert.equal((await handler(each)).status, '400'));
  }

  it('without headers is one without a token', async () => {
    assert.equal((await handler(event({ uri: '/api/tickets' }))).status, '302');
    assert.equal((await handler(event({ uri: '/api/tickets', headers: { cookie: [] } }))).status, '302');
  });
});
