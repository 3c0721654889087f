import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { createHandler } from '../batch.js';
import { failed, reserve, ticketService } from './service.js';

const SECRET_ID = 'ticketing/internal-api-token';

let manager;
let secrets; // what Secrets Manager answers, one after the other; a number is an error's status
let asked;
let service;
let token;

before(async () => {
  manager = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    asked.push({ target: request.headers['x-amz-target'], ...JSON.parse(body) });
    const secret = secrets.length > 1 ? secrets.shift() : secrets[0];
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    if (typeof secret === 'number') response.writeHead(secret).end('{"__type":"AccessDeniedException","message":"no"}');
    else response.end(JSON.stringify({ Name: SECRET_ID, SecretString: secret }));
  }).listen(0, '127.0.0.1');
  await once(manager, 'listening');
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${manager.address().port}`,
    AWS_REGION: 'ap-northeast-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
});

after(() => {
  manager.closeAllConnections();
  return new Promise((resolve) => manager.close(resolve));
});

beforeEach(async (t) => {
  for (const level of ['info', 'error']) t.mock.method(console, level, () => {});
  asked = [];
  secrets = ['one'];
  token = 'one';
  service = await ticketService((request, response) =>
    response.writeHead(request.headers['x-ticketing-internal-token'] === token ? 200 : 401).end(),
  );
});

afterEach(() => service.close());

const worker = () => createHandler({ TICKET_SERVICE_URL: service.url, INTERNAL_API_TOKEN_SECRET_ID: SECRET_ID });
const run = (handler, ...records) => handler({ Records: records });

describe('the credential', () => {
  it('comes from the secret, asked for once', async () => {
    const handler = worker();
    assert.deepEqual(await run(handler, reserve('r-1', { group: 'a' }), reserve('r-2', { group: 'b' })), failed([]));
    assert.deepEqual(await run(handler, reserve('r-3')), failed([]));
    assert.deepEqual(asked, [{ target: 'secretsmanager.GetSecretValue', SecretId: SECRET_ID }]);
  });

  it('that was replaced is asked for again when it is refused', async () => {
    secrets = ['old', 'one'];
    const handler = worker();
    const message = reserve('r-1');
    assert.deepEqual(await run(handler, message), failed([message]));
    assert.deepEqual(await run(handler, message), failed([]));
    assert.equal(asked.length, 2);
  });

  it('is asked for again after five minutes', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const handler = worker();
    await run(handler, reserve('r-1'));
    t.mock.timers.tick(5 * 60 * 1000 - 1);
    await run(handler, reserve('r-2'));
    assert.equal(asked.length, 1);
    t.mock.timers.tick(1);
    await run(handler, reserve('r-3'));
    assert.equal(asked.length, 2);
  });

  for (const refusal of [400, '']) {
    it(`that cannot be had (${JSON.stringify(refusal)}) fails the batch, without a call, and is asked for again`, async () => {
      secrets = [refusal];
      const handler = worker();
      const batch = [reserve('r-1'), reserve('r-2'), reserve('r-3', { group: 'b' })];
      assert.deepEqual(await run(handler, ...batch), failed(batch));
      assert.deepEqual(service.calls, []);
      secrets = ['one'];
      assert.deepEqual(await run(handler, ...batch), failed([]));
    });
  }
});
