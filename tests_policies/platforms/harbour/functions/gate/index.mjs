// Lets those through who have a place in the queue: their ticket's signature says so.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

const key = readFileSync(new URL('./key', import.meta.url));

function ticket(headers) {
  const found = (headers.cookie ?? []).flatMap(({ value }) => value.split(';')).map((part) => part.trim());
  const own = found.filter((part) => part.startsWith('harbour-place='));
  return own.length === 1 ? own[0].slice('harbour-place='.length) : '';
}

function holds(text) {
  const [until, signature] = text.split('.');
  if (!/^[0-9]{10}$/.test(until) || Number(until) * 1000 <= Date.now()) return false;
  const given = Buffer.from(signature ?? '', 'base64url');
  const own = createHmac('sha256', key).update(until).digest();
  return given.length === own.length && timingSafeEqual(given, own);
}

export async function handler(event) {
  const { request } = event.Records[0].cf;
  if (!request.uri.toLowerCase().startsWith('/book') || holds(ticket(request.headers))) return request;
  return { status: '302', headers: { location: [{ value: '/queue' }], 'cache-control': [{ value: 'no-store' }] } };
}
