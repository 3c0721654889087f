// Takes what people want of a hall from the queue and asks the box office for it, one message after the other.

const OFFICE = process.env.BOX_OFFICE;
const KEY = process.env.BOX_OFFICE_KEY;
const WAIT = Number(process.env.BOX_OFFICE_WAIT_MS);

if (!OFFICE || !KEY || !(WAIT > 0)) throw new Error('BOX_OFFICE, BOX_OFFICE_KEY and BOX_OFFICE_WAIT_MS must be set');

const WAYS = Object.assign(Object.create(null), {
  'seat.hold': { method: 'POST', to: (seat) => `/halls/seats/${seat}/holds` },
  'seat.free': { method: 'DELETE', to: (seat) => `/halls/seats/${seat}/holds` },
});
const SEAT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// What no later delivery would make better is written down and let go.
const HOPELESS = new Set([400, 404, 409, 410, 422]);

class Hopeless extends Error {}

export function take(event, context, done) {
  work(event.Records).then((failed) => done(null, { batchItemFailures: failed }), done);
}

async function work(records) {
  const stopped = new Set();
  const failed = [];
  for (const record of records) {
    const group = record.attributes.MessageGroupId;
    if (stopped.has(group) || !(await isSettled(record))) {
      stopped.add(group);
      failed.push({ itemIdentifier: record.messageId });
    }
  }
  return failed;
}

async function isSettled(record) {
  try {
    await ask(wanted(record.body), record.messageId);
    return true;
  } catch (error) {
    console.warn(`${record.messageId} ${error.constructor.name}`);
    return error instanceof Hopeless;
  }
}

function wanted(text) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    throw new Hopeless();
  }
  const { kind, seat } = message ?? {};
  if (typeof kind !== 'string' || !(kind in WAYS) || typeof seat?.id !== 'string' || !SEAT.test(seat.id)) throw new Hopeless();
  return { ...WAYS[kind], seat: seat.id, text: JSON.stringify(message.wish ?? null) };
}

async function ask({ method, to, seat, text }, key) {
  const answer = await fetch(OFFICE + to(seat), {
    method,
    body: text,
    redirect: 'manual',
    signal: AbortSignal.timeout(WAIT),
    headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json; charset=utf-8', 'X-Message': key },
  });
  await answer.text();
  if (HOPELESS.has(answer.status)) throw new Hopeless();
  if (!answer.ok) throw new Error('the box office did not do it');
}
