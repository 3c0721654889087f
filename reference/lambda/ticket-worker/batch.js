// A batch of the FIFO queue: within a message group in order, and not beyond the first that fails; groups beside each other.

import { instructionOf } from './actions.js';
import { credentialFrom } from './credential.js';
import { Failure } from './failure.js';
import { log } from './log.js';
import { ticketServiceFrom } from './ticket-service.js';

// Left for the answer to Lambda after the last call.
const MARGIN_MS = 1000;

/** A handler of SQS batches, configured by an environment; throws where that is not enough to work with. */
export function createHandler(environment) {
  const service = ticketServiceFrom(environment, credentialFrom(environment));

  return async function handler(event, context) {
    const groups = groupBy(event.Records, groupOf);
    const unfinished = await Promise.all([...groups.values()].map((records) => workOff(records, service, context)));
    return { batchItemFailures: unfinished.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

function groupBy(records, keyOf) {
  const groups = new Map();
  for (const record of records) {
    const key = keyOf(record);
    if (groups.has(key)) groups.get(key).push(record);
    else groups.set(key, [record]);
  }
  return groups;
}

// A message of a standard queue follows no other.
function groupOf(record) {
  return record.attributes?.MessageGroupId ?? record.messageId;
}

/** The records of one message group, in order, up to the first that fails; that one and all after it. */
async function workOff(records, service, context) {
  for (const [index, record] of records.entries()) {
    if (!(await isDone(record, service, context))) return records.slice(index);
  }
  return [];
}

async function isDone(record, service, context) {
  const { messageId } = record;
  let action;
  try {
    const instruction = instructionOf(record.body);
    action = instruction.action;
    // A call that Lambda ends in the middle would end the whole batch, those that are done included.
    if (remaining(context) < service.timeout + MARGIN_MS) throw new Failure('no time left in this invocation');
    const status = await service.carryOut(instruction, record.attributes?.MessageDeduplicationId ?? messageId);
    log('info', { messageId, action, status });
    return true;
  } catch (error) {
    // What a Failure says is written here; any other message could quote the purchase.
    log('error', { messageId, action, reason: error instanceof Failure ? error.message : error.name });
    return false;
  }
}

function remaining(context) {
  return context?.getRemainingTimeInMillis?.() ?? Infinity;
}
