import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHandler } from '../batch.js';
import { TOKEN, failed, record, reserve, ticketService } from './service.js';

const TIMEOUT = 300;

let services;
let logged;

beforeEach((t) => {
  services = [];
  logged = [];
  for (const level of ['info', 'error']) t.mock.method(console, level, (line) => logged.push(line));
});

afterEach(() => Promise.all(services.map((service) => service.close())));

async function worker(answer) {
  const service = await ticketService(answer);
  services.push(service);
  const handler = createHandler({ TICKET_SERVICE_URL: service.url, TICKET_SERVICE_TIMEOUT_MS: TIMEOUT, INTERNAL_API_TOKEN: TOKEN });
  return { service, run: (records, context) => handler({ Records: records }, context) };
}

const paths = (service) => service.calls.map(({ method, path }) => `${method} ${path}`);

describe('an action', () => {
  const endpoints = {
    RESERVE: 'PUT /internal/reservations/r-1',
    CONFIRM: 'POST /internal/reservations/r-1/confirm',
    CANCEL: 'POST /internal/reservations/r-1/cancel',
  };
  for (const [action, endpoint] of Object.entries(endpoints)) {
    it(`${action} reaches its endpoint once, with the credential and a key of its own`, async () => {
      const { service, run } = await worker();
      const message = record({ action, reservationId: 'r-1', payload: { seats: ['가-1'] } }, { deduplication: 'purchase-7' });
      assert.deepEqual(await run([message]), failed([]));
      assert.deepEqual(paths(service), [endpoint]);
      const [{ headers, body }] = service.calls;
      assert.equal(headers['x-ticketing-internal-token'], TOKEN);
      assert.equal(headers['idempotency-key'], 'purchase-7');
      assert.equal(headers['content-type'], 'application/json');
      assert.deepEqual(JSON.parse(body), { seats: ['가-1'] });
    });
  }

  it('without a payload sends an empty one, and without a deduplication id the id of the message', async () => {
    const { service, run } = await worker();
    const message = record({ action: 'CONFIRM', reservationId: 'r-1' });
    delete message.attributes;
    assert.deepEqual(await run([message]), failed([]));
    assert.equal(service.calls[0].body, '{}');
    assert.equal(service.calls[0].headers['idempotency-key'], message.messageId);
  });

  const nothing = {
    'an unknown action': '{"action":"REFUND","reservationId":"r-1"}',
    'one in another case': '{"action":"reserve","reservationId":"r-1"}',
    'one of the prototype': '{"action":"constructor","reservationId":"r-1"}',
    'no action': '{"reservationId":"r-1"}',
    'an action that is a list': '{"action":["RESERVE"],"reservationId":"r-1"}',
    'no reservationId': '{"action":"RESERVE"}',
    'a reservationId that leaves its place in the path': '{"action":"RESERVE","reservationId":"../admin"}',
    'a reservationId with a query': '{"action":"RESERVE","reservationId":"r?x"}',
    'an empty reservationId': '{"action":"RESERVE","reservationId":""}',
    'a payload that is no object': '{"action":"RESERVE","reservationId":"r-1","payload":[1]}',
    'broken JSON': '{"action":"RESERVE","reservationId":"r-1"',
    'nothing': '',
    'null': 'null',
    'a list': '[]',
    'a text': '"RESERVE"',
  };
  for (const [what, body] of Object.entries(nothing)) {
    it(`${what} is reported, without a call`, async () => {
      const { service, run } = await worker();
      const message = record(body);
      assert.deepEqual(await run([message]), failed([message]));
      assert.deepEqual(service.calls, []);
    });
  }

  it('without a body at all is reported', async () => {
    const { run } = await worker();
    const message = record('');
    delete message.body;
    assert.deepEqual(await run([message]), failed([message]));
  });
});

describe('an answer', () => {
  for (const status of [200, 201, 202, 204, 409]) {
    it(`${status} is done`, async () => {
      const { service, run } = await worker((_, response) => response.writeHead(status).end());
      assert.deepEqual(await run([reserve('r-1')]), failed([]));
      assert.equal(service.calls.length, 1);
    });
  }
  for (const status of [300, 301, 302, 307, 308, 400, 401, 403, 404, 408, 410, 422, 425, 429, 500, 501, 502, 503, 504]) {
    it(`${status} is reported, after one call, and followed nowhere`, async () => {
      const { service, run } = await worker((_, response) => response.writeHead(status, { location: '/elsewhere' }).end('{"seat":"taken"}'));
      const message = reserve('r-1');
      assert.deepEqual(await run([message]), failed([message]));
      assert.equal(service.calls.length, 1);
    });
  }

  const broken = {
    'that never comes': () => {},
    'that comes too late': async (_, response) => {
      await sleep(TIMEOUT * 2);
      response.end();
    },
    'whose body never ends': (_, response) => response.writeHead(200).write('{'),
    'whose body ends too early': (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{');
      setImmediate(() => response.destroy());
    },
    'whose chunks end too early': (_, response) => {
      response.writeHead(200).write('{');
      setImmediate(() => response.destroy());
    },
    'that is a connection closed': (request) => request.socket.destroy(),
    'that is no HTTP': (request) => request.socket.end('220 mail.example ESMTP\r\n'),
    'that drips': (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), TIMEOUT / 10);
      response.on('close', () => clearInterval(drip));
    },
  };
  for (const [what, answer] of Object.entries(broken)) {
    it(`${what} is reported, in time`, async () => {
      const { run } = await worker(answer);
      const message = reserve('r-1');
      const start = Date.now();
      assert.deepEqual(await run([message]), failed([message]));
      assert.ok(Date.now() - start < TIMEOUT * 4);
    });
  }

  it('is not there when nobody listens: reported', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const url = `http://127.0.0.1:${listener.address().port}`;
    await new Promise((resolve) => listener.close(resolve));
    const message = reserve('r-1');
    assert.deepEqual(await createHandler({ TICKET_SERVICE_URL: url, INTERNAL_API_TOKEN: TOKEN })({ Records: [message] }), failed([message]));
  });

  it('of great length is read to its end', async () => {
    const { run } = await worker((_, response) => response.end(Buffer.alloc(2 ** 23)));
    assert.deepEqual(await run([reserve('r-1')]), failed([]));
  });
});

describe('a batch', () => {
  const failing = (...ids) => (request, response) => response.writeHead(ids.some((id) => request.url.endsWith(`/${id}`)) ? 500 : 200).end();

  it('of one group is worked off in order, and one call after the other', async () => {
    let open = 0;
    const { service, run } = await worker(async (_, response) => {
      open += 1;
      assert.equal(open, 1);
      await sleep(5);
      open -= 1;
      response.end();
    });
    assert.deepEqual(await run(['r-1', 'r-2', 'r-3', 'r-4'].map((id) => reserve(id))), failed([]));
    assert.deepEqual(paths(service), ['r-1', 'r-2', 'r-3', 'r-4'].map((id) => `PUT /internal/reservations/${id}`));
  });

  it('stops in a group at the first that fails, and reports it and all after it; other groups go on', async () => {
    const { service, run } = await worker(failing('a-2', 'c-1'));
    const batch = ['a-1', 'b-1', 'a-2', 'c-1', 'b-2', 'a-3', 'c-2', 'a-4', 'b-3', 'd-1'].map((id) => reserve(id, { group: id[0] }));
    const reported = batch.filter((each) => /"(a-[234]|c-[12])"/.test(each.body));
    const result = await run(batch);
    assert.deepEqual(new Set(result.batchItemFailures.map((each) => each.itemIdentifier)), new Set(reported.map((each) => each.messageId)));
    assert.equal(result.batchItemFailures.length, 5);
    const asked = service.calls.map(({ path }) => path.split('/').at(-1));
    assert.deepEqual(asked.toSorted(), ['a-1', 'a-2', 'b-1', 'b-2', 'b-3', 'c-1', 'd-1']);
  });

  it('stops for a message that cannot be read as for one that failed', async () => {
    const { service, run } = await worker();
    const batch = [reserve('r-1'), record('{'), reserve('r-3'), reserve('x-1', { group: 'other' })];
    assert.deepEqual(await run(batch), failed([batch[1], batch[2]]));
    assert.equal(service.calls.length, 2);
  });

  it('works its groups off beside each other: a slow one keeps nobody', async () => {
    const { run } = await worker(async (_, response) => {
      await sleep(60);
      response.end();
    });
    const start = Date.now();
    assert.deepEqual(await run(Array.from({ length: 10 }, (_, i) => reserve(`r-${i}`, { group: `g-${i}` }))), failed([]));
    assert.ok(Date.now() - start < 500);
  });

  it('of a standard queue has no groups', async () => {
    const { run } = await worker(failing('r-1'));
    const batch = ['r-1', 'r-2'].map((id) => reserve(id));
    for (const each of batch) delete each.attributes.MessageGroupId;
    assert.deepEqual(await run(batch), failed([batch[0]]));
  });

  it('delivered again is sent again, under the same key', async () => {
    const { service, run } = await worker();
    const message = reserve('r-1', { deduplication: 'once' });
    await run([message]);
    await run([{ ...message, attributes: { ...message.attributes, ApproximateReceiveCount: '2' } }]);
    assert.deepEqual(service.calls.map(({ headers }) => headers['idempotency-key']), ['once', 'once']);
  });

  it('that is empty reports nothing', async () => {
    const { run } = await worker();
    assert.deepEqual(await run([]), failed([]));
  });

  it('calls no more when the invocation is about to end', async () => {
    let left = 10_000;
    const { service, run } = await worker((_, response) => {
      left = 1100;
      response.end();
    });
    const batch = ['r-1', 'r-2', 'r-3'].map((id) => reserve(id));
    assert.deepEqual(await run(batch, { getRemainingTimeInMillis: () => left }), failed(batch.slice(1)));
    assert.equal(service.calls.length, 1);
  });

  it('says for each message how it ended, and never what it or an answer holds', async () => {
    const { run } = await worker((request, response) => response.writeHead(request.url.endsWith('r-2') ? 422 : 200).end('an-answer'));
    const batch = [reserve('r-1'), reserve('r-2'), record('{"card": "4111'), reserve('r-4')];
    batch[2].attributes.MessageGroupId = 'other';
    await run(batch);
    const lines = logged.map((line) => JSON.parse(line));
    assert.deepEqual(new Set(lines.map(({ messageId }) => messageId)), new Set(batch.slice(0, 3).map(({ messageId }) => messageId)));
    assert.equal(lines.find(({ messageId }) => messageId === batch[1].messageId).reason, 'the ticket service answered 422');
    assert.doesNotMatch(logged.join('\n'), new RegExp(`${TOKEN}|4111|an-answer|A-1`));
  });

  it('says of an error that is not its own no more than what kind it is', async () => {
    const { service, run } = await worker();
    const message = reserve('r-1', { deduplication: 'a key\nthat no header can hold' });
    assert.deepEqual(await run([message]), failed([message]));
    assert.deepEqual(service.calls, []);
    assert.equal(JSON.parse(logged[0]).reason, 'TypeError');
  });
});

describe('an environment', () => {
  const good = { TICKET_SERVICE_URL: 'https://ticket-service.internal', INTERNAL_API_TOKEN: TOKEN };
  for (const [what, changes] of Object.entries({
    'without a URL': { TICKET_SERVICE_URL: undefined },
    'with an empty URL': { TICKET_SERVICE_URL: '' },
    'with a URL that is none': { TICKET_SERVICE_URL: 'ticket-service:8080/x' },
    'with a URL of another kind': { TICKET_SERVICE_URL: 'file:///etc/passwd' },
    'with a URL with a query': { TICKET_SERVICE_URL: 'https://ticket-service.internal?x' },
    'without a credential': { INTERNAL_API_TOKEN: undefined },
    'with a timeout that is no number': { TICKET_SERVICE_TIMEOUT_MS: '5s' },
    'without any time': { TICKET_SERVICE_TIMEOUT_MS: '0' },
  })) {
    it(`${what} does not start`, () => assert.throws(() => createHandler({ ...good, ...changes }), /_/));
  }

  it('that has it all starts, by the entry that Lambda loads', async () => {
    Object.assign(process.env, good);
    assert.equal(typeof (await import('../index.js')).handler, 'function');
  });
});
