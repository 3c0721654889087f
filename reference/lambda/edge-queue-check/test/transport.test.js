'use strict';

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { before, describe, it, mock } = require('node:test');
const { CLAIMS, EVENT, HEADER, NOW, SECRET, event, list, load, request, sign } = require('./viewer');

const PATH = `/api/reservations/${EVENT}`;
const GOOD = sign();
const OTHER_GOOD = sign({ ...CLAIMS, sub: 'user-43' });
const BAD = sign(CLAIMS, HEADER, { secret: 'another-key-0123456789abcdefghijklmnop' });

let handler;

before(() => {
  mock.timers.enable({ apis: ['Date'], now: NOW });
  handler = load(JSON.stringify({ QUEUE_ENTRY_TOKEN_SECRET: SECRET }));
});

const isLetIn = async (options) => (await handler(event(request(PATH, options)))).uri === PATH;

describe('the token', () => {
  const letIn = {
    'in the cookie': { cookies: [`vwr-entry-token=${GOOD}`] },
    'in the cookie among others': { cookies: [`a=1; vwr-entry-token=${GOOD}; b`] },
    'in a second Cookie header': { cookies: ['a=1', `vwr-entry-token=${GOOD}`] },
    'with blanks and tabs about it': { cookies: [`a=1;\t vwr-entry-token = ${GOOD}\t ;`] },
    'in the header': { tokens: [GOOD] },
    'in both, the same': { cookies: [`vwr-entry-token=${GOOD}`], tokens: [GOOD] },
    'beside a cookie of a longer name': { cookies: [`vwr-entry-token=${GOOD}; xvwr-entry-token=${BAD}; vwr-entry-token-2=${BAD}`] },
  };
  for (const [what, options] of Object.entries(letIn)) it(`${what} is let in`, async () => assert.ok(await isLetIn(options)));

  const refused = {
    'in no place': {},
    'under a name with something before it': { cookies: [`xvwr-entry-token=${GOOD}`] },
    'under a name with something after it': { cookies: [`vwr-entry-tokens=${GOOD}`] },
    'under the name in capitals': { cookies: [`VWR-Entry-Token=${GOOD}`] },
    'within the value of another cookie': { cookies: [`a="; vwr-entry-token=${GOOD}"`] },
    'behind a comma': { cookies: [`a=1, vwr-entry-token=${GOOD}`] },
    'behind another kind of blank': { cookies: [`\u00a0vwr-entry-token=${GOOD}`] },
    'in quotation marks': { cookies: [`vwr-entry-token="${GOOD}"`] },
    'percent-encoded': { cookies: [`vwr-entry-token=${GOOD.replaceAll('.', '%2E')}`] },
    'with percent signs that mean nothing': { cookies: ['vwr-entry-token=%E0%A4%A'] },
    'in the query': { querystring: `vwr-entry-token=${GOOD}` },
    'as authorization': { headers: { authorization: list('Authorization', [`Bearer ${GOOD}`]) } },
    'empty in the header, good in the cookie': { cookies: [`vwr-entry-token=${GOOD}`], tokens: [''] },
    'another in the header': { cookies: [`vwr-entry-token=${GOOD}`], tokens: [OTHER_GOOD] },
    'without a value': { cookies: ['vwr-entry-token'] },
    'with an empty value': { cookies: ['vwr-entry-token='] },
  };
  for (const [what, options] of Object.entries(refused)) it(`${what} is refused`, async () => assert.ok(!(await isLetIn(options))));

  for (const [one, two] of [[GOOD, GOOD], [GOOD, BAD], [BAD, GOOD], [GOOD, OTHER_GOOD], [GOOD, ''], ['', GOOD]]) {
    it('twice is none, in any order and place', async () => {
      const [first, second] = [`vwr-entry-token=${one}`, `vwr-entry-token=${two}`];
      assert.ok(!(await isLetIn({ cookies: [`${first}; ${second}`] })));
      assert.ok(!(await isLetIn({ cookies: [first, second] })));
      assert.ok(!(await isLetIn({ cookies: [`${first}; a=1`, `b=2; ${second}`] })));
      assert.ok(!(await isLetIn({ tokens: [one, two] })));
      assert.ok(!(await isLetIn({ tokens: [`${one}, ${two}`] })));
      assert.ok(!(await isLetIn({ cookies: [first], tokens: [one, two] })));
    });
  }
});

describe('a request that is let through', () => {
  const headers = {
    'x-ticketing-made-up': list('X-Ticketing-Made-Up', ['guessed', 'twice']),
    'xx-ticketing-made-up': list('XX-Ticketing-Made-Up', ['another']),
    'x-forwarded-for': list('X-Forwarded-For', ['192.0.2.9']),
    accept: list('Accept', ['*/*']),
  };
  for (const uri of [PATH, '/queue', '/', '/api/catalog']) {
    it(`${uri} is as it came, without what is the platform's to send`, async () => {
      const sent = request(uri, { cookies: [`vwr-entry-token=${GOOD}; a=1`], headers, method: 'POST', querystring: 'a=%2e%2e&b=;' });
      const expected = structuredClone(sent);
      delete expected.headers['x-ticketing-made-up'];
      assert.deepEqual(await handler(event(sent)), expected);
    });
  }

  it('the header of the contract is among those', async () => {
    const { header } = JSON.parse(readFileSync(path.join(__dirname, '../../../contracts/cloudfront-header.json'), 'utf8'));
    const sent = request('/', { headers: { [header.toLowerCase()]: list(header, ['guessed']) } });
    assert.deepEqual(await handler(event(sent)), request('/'));
  });
});

describe('the handler', () => {
  it('writes nothing to the log, whatever comes', async (t) => {
    const written = [];
    for (const stream of [process.stdout, process.stderr]) t.mock.method(stream, 'write', (text) => written.push(text));
    for (const options of [{ tokens: [GOOD] }, { tokens: [BAD] }, { tokens: [null] }, { cookies: ['vwr-entry-token=x'] }]) await isLetIn(options);
    for (const stream of [process.stdout, process.stderr]) stream.write.mock.restore();
    assert.deepEqual(written.filter((text) => String(text).includes('ey')), []);
  });

  for (const [what, config] of Object.entries({
    'no configuration': undefined,
    'a broken one': '{"QUEUE_ENTRY_TOKEN_SECRET": "',
    'an empty one': '{}',
    'null': 'null',
    'a key too short': '{"QUEUE_ENTRY_TOKEN_SECRET": "CHANGE_ME"}',
    'a key that is no text': '{"QUEUE_ENTRY_TOKEN_SECRET": 12345678901234567890123456789012}',
  })) {
    it(`with ${what} lets nobody in, and says so once without the file's text`, async (t) => {
      const error = t.mock.method(console, 'error', () => {});
      const closed = load(config);
      assert.equal(error.mock.callCount(), 1);
      assert.doesNotMatch(error.mock.calls[0].arguments.join(' '), /CHANGE_ME|1234/);
      for (const secret of ['', 'CHANGE_ME', 'undefined', 'null', SECRET]) {
        const token = sign(CLAIMS, HEADER, { secret });
        assert.equal((await closed(event(request(PATH, { tokens: [token] })))).status, '302');
      }
      assert.equal((await closed(event(request('/queue')))).uri, '/queue');
    });
  }

  it('takes time in proportion to what comes, whatever it is made of', async () => {
    const hostile = (size) => [
      request(`/${'a/'.repeat(size / 2)}`), request(`/${'.'.repeat(size)}`), request(`/${'a.'.repeat(size / 2)}/`),
      request(PATH, { cookies: [';'.repeat(size)] }), request(PATH, { cookies: [' '.repeat(size)] }),
      request(PATH, { cookies: [`${' '.repeat(size)}x=1`] }), request(PATH, { cookies: ['vwr-entry-token=;'.repeat(size / 17)] }),
      request(PATH, { cookies: [`vwr-entry-token=${'a'.repeat(size)}`] }), request(PATH, { tokens: ['.'.repeat(size)] }),
      request(PATH, { tokens: ['a.'.repeat(size / 2)] }), request(PATH, { cookies: Array(size / 16).fill('a=b; c=d') }),
      request(PATH, { tokens: [sign(`${'['.repeat(2900)}`)] }), request(PATH, { tokens: [sign(`{"a":${'"\\\\'.repeat(900)}`)] }),
    ];
    for (const each of hostile(1_000_000)) {
      const start = process.hrtime.bigint();
      await handler(event(each));
      const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
      assert.ok(milliseconds < 500, `${milliseconds} ms for ${JSON.stringify(each).slice(0, 80)}`);
    }
  });
});
