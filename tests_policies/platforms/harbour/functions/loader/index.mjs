// Books what stands in the queue, one after the other; from the first that fails on, the rest of its sailing waits.
const tickets = process.env.TICKETS;

async function book(record) {
  const { sailing, seats } = JSON.parse(record.body);
  const answer = await fetch(`${tickets}/internal/sailings/${encodeURIComponent(sailing)}/bookings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ seats }),
    signal: AbortSignal.timeout(5000),
  });
  if (!answer.ok) throw new Error(`tickets said ${answer.status}`);
}

export async function handler(event) {
  const failed = new Set();
  const batchItemFailures = [];
  for (const record of event.Records) {
    const group = record.attributes.MessageGroupId;
    try {
      if (failed.has(group)) throw new Error('one before it failed');
      await book(record);
    } catch {
      failed.add(group);
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
}
