'use strict';

// What the handler finds around it: a clock that the test sets (without an epoch, the real one), its secret where it looks for it,
// and ears on what it must not do (sockets, processes) and on what it should (comparisons in constant time).

const crypto = require('node:crypto');
const { registerHooks, syncBuiltinESMExports } = require('node:module');

const RealDate = Date;
const STARTED = RealDate.now();

function install({ environment, secrets, epoch }) {
  const noticed = { touched: new Set(), compared: [], asked: new Set(), observed: false };
  let now = epoch;
  let left = false;

  if (epoch !== undefined) setClock(epoch, () => now);

  const really = process.exit;
  process.exit = (code) => {
    left = true;
    really.call(process, code);
  };
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);

  listen(noticed);
  provide(secrets, noticed);
  syncBuiltinESMExports();
  return {
    setClock: (value) => { now = value; },
    observe: (value) => { noticed.observed = value; },
    left: () => left,
    seen: () => {
      const told = { touched: [...noticed.touched], asked: [...noticed.asked], compared: noticed.compared };
      noticed.compared = [];
      noticed.touched.clear();
      return told;
    },
  };
}

function setClock(epoch, read) {
  RealDate.now = read;
  const TestDate = new Proxy(RealDate, {
    apply: () => new RealDate(read()).toString(),
    construct: (target, values, newTarget) =>
      Reflect.construct(target, values.length === 0 ? [read()] : values, newTarget === TestDate ? target : newTarget),
  });
  RealDate.prototype.constructor = TestDate;
  globalThis.Date = TestDate;
  performance.now = () => read() - epoch;
  Object.defineProperty(performance, 'timeOrigin', { value: epoch });
  process.hrtime.bigint = () => BigInt(Math.round((read() - epoch) * 1e6));
  process.uptime = () => (read() - epoch) / 1000 + 1;
}

function listen(noticed) {
  const { touched } = noticed;
  const tell = (object, name, what) => {
    const real = object[name];
    object[name] = function (...values) {
      touched.add(what);
      return real.apply(this, values);
    };
  };
  tell(require('node:net').Socket.prototype, 'connect', 'a socket');
  tell(require('node:net').Server.prototype, 'listen', 'a listening socket');
  tell(require('node:dgram'), 'createSocket', 'a datagram socket');
  for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) tell(require('node:dns'), name, 'a name lookup');
  for (const name of ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync']) {
    tell(require('node:child_process'), name, 'a process');
  }
  tell(globalThis, 'fetch', 'a socket');

  const keep = (how, left, right) => {
    if (noticed.observed && noticed.compared.length < 1000) noticed.compared.push([how, hex(left), hex(right)]);
  };
  const equal = crypto.timingSafeEqual;
  crypto.timingSafeEqual = function timingSafeEqual(left, right) {
    keep('timingSafeEqual', left, right);
    return equal(left, right);
  };
  const { SubtleCrypto } = globalThis;
  const verify = SubtleCrypto.prototype.verify;
  SubtleCrypto.prototype.verify = function (algorithm, key, signature, data) {
    keep('subtle.verify', signature, new Uint8Array(0));
    return verify.call(this, algorithm, key, signature, data);
  };
}

function hex(value) {
  const bytes = ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.from(value);
  return bytes.subarray(0, 64).toString('hex');
}

// AWS's clients for Secrets Manager and the parameter store, as far as a handler that fetches its secret uses them.
const CLIENTS = {
  '@aws-sdk/client-secrets-manager': `
    export class GetSecretValueCommand { constructor(input) { this.input = input; } }
    export class SecretsManagerClient { async send(command) { return globalThis[Symbol.for('turnstile')](command.input.SecretId); } }
    export class SecretsManager { async getSecretValue(input) { return globalThis[Symbol.for('turnstile')](input.SecretId); } }`,
  '@aws-sdk/client-ssm': `
    const give = (name) => ({ Parameter: { Name: name, Value: globalThis[Symbol.for('turnstile')](name).SecretString } });
    export class GetParameterCommand { constructor(input) { this.input = input; } }
    export class SSMClient { async send(command) { return give(command.input.Name); } }
    export class SSM { async getParameter(input) { return give(input.Name); } }`,
  'aws-sdk': `
    export class SecretsManager { getSecretValue(input, done) {
      const value = globalThis[Symbol.for('turnstile')](input.SecretId);
      if (done) return done(null, value);
      return { promise: async () => value };
    } }
    export default { SecretsManager, config: { update() {} } };`,
};

function provide(secrets, { asked }) {
  Object.defineProperty(globalThis, Symbol.for('turnstile'), {
    value: (name) => {
      asked.add(String(name));
      const text = secrets[name] ?? secrets['*'];
      if (text === undefined) throw new Error(`ResourceNotFoundException: ${name}`);
      return { Name: name, SecretString: text };
    },
  });
  registerHooks({
    resolve: (specifier, context, next) =>
      Object.hasOwn(CLIENTS, specifier)
        ? { url: `turnstile:${specifier}`, format: 'module', shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      url.startsWith('turnstile:')
        ? { format: 'module', source: CLIENTS[url.slice('turnstile:'.length)], shortCircuit: true }
        : next(url, context),
  });
}

module.exports = { install, STARTED };
