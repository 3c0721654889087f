'use strict';

// Runs a platform's worker inside Node: a frame is one invocation, as Lambda makes it, and the answer to it says what came of it.
// Between two invocations everything stands still, as it does in Lambda.

const { channel, describe, invoke, load } = require('../edge/calling.cjs');
const { install } = require('../edge/surroundings.cjs');

const { parse, stringify } = JSON;
const exit = process.exit.bind(process);
const monotonic = process.hrtime.bigint;
const soon = setImmediate;
const [input, output, service, elsewhere] = process.argv.slice(2).map(Number);
const { readFrame, writeFrame } = channel(input, output);
process.argv.length = 2;

const tried = new Set();
let handler;
let surroundings;
let started = false; // whether a frame is being worked on

function finish(answer) {
  if (!started) return;
  started = false;
  writeFrame(`${stringify({ ...surroundings.seen(), tried: [...tried] })}\n${answer}`);
  tried.clear();
}

// Where else than to the service it tries to go: the namespace keeps it from there, and this tells.
function watch() {
  const { Socket } = require('node:net');
  const real = Socket.prototype.connect;
  Socket.prototype.connect = function connect(...values) {
    const [first, second] = Array.isArray(values[0]) ? values[0] : values;
    const options = first !== null && typeof first === 'object' ? first : { port: first, host: typeof second === 'string' ? second : undefined };
    const { port, host = 'localhost' } = options;
    const path = options.path ?? undefined;
    const own = path === undefined && host === '127.0.0.1' && [service, elsewhere].includes(Number(port));
    if (!own) tried.add(path === undefined ? `${host}:${port}` : String(path));
    return real.apply(this, values);
  };
}

function spell(result) {
  const text = stringify(result);
  return `["answered",${text === undefined ? 'null' : text}]`;
}

async function work(frame) {
  const { event, milliseconds } = parse(frame);
  started = true;
  // What came in meanwhile, a connection that was closed above all, is taken note of before.
  await new Promise((resolve) => soon(resolve));
  const begun = monotonic();
  const context = {
    functionName: 'worker',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:worker',
    memoryLimitInMB: '128',
    awsRequestId: '6f1c3c5e-8f0a-4b52-9d3b-5f3f4b6a7c8d',
    logGroupName: '/aws/lambda/worker',
    logStreamName: '2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, milliseconds - Math.round(Number(monotonic() - begun) / 1e6)),
  };
  let answer;
  try {
    answer = spell(await invoke(handler, event, context));
  } catch (error) {
    answer = stringify(['threw', describe(error)]);
  }
  finish(answer);
}

async function main() {
  const setup = parse(readFrame());
  for (const [name, value] of Object.entries(setup.environment)) {
    setup.environment[name] = value.replaceAll('{service}', `127.0.0.1:${service}`);
  }
  surroundings = install(setup);
  watch();
  process.on('exit', () => finish(stringify([surroundings.left() ? 'exited' : 'never'])));
  process.on('uncaughtException', (error) => {
    finish(stringify(['died', describe(error)]));
    exit(7);
  });
  started = true;
  let loaded;
  try {
    handler = await load(setup);
    loaded = '["loaded"]';
  } catch (error) {
    loaded = stringify(['unloadable', describe(error)]);
  }
  finish(loaded);
  if (handler === undefined) exit(0);
  for (let frame = readFrame(); frame !== null; frame = readFrame()) await work(frame);
  process.removeAllListeners('exit');
  exit(0);
}

main();
