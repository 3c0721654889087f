import { admits } from './pass.js';

const GUARDED = [['seats'], ['v2', 'orders']];
const OPEN = [['seats', 'map'], ['wait'], ['v2', 'wait']];
const OWN = new Set(['x-hall-user', 'x-hall-door']);

const begins = (segments, with_) => with_.every((segment, at) => segments[at] === segment);

/** What is asked for: `open`, `guarded` with the show, or `odd` for a spelling that not everybody reads alike. */
function place(uri) {
  if (typeof uri !== 'string' || uri[0] !== '/' || uri.length > 1500) return { kind: 'odd' };
  const segments = uri.slice(1).split('/');
  if (segments.at(-1) === '') segments.pop();
  for (const segment of segments) if (!/^[\w~-]+(?:\.[\w~-]+)*$/.test(segment)) return { kind: 'odd' };
  if (OPEN.some((prefix) => begins(segments, prefix))) return { kind: 'open' };
  const small = segments.map((segment) => segment.toLowerCase());
  const prefix = GUARDED.find((one) => begins(small, one));
  return prefix === undefined ? { kind: 'open' } : { kind: 'guarded', show: segments[prefix.length] };
}

function wait(callback) {
  callback(null, {
    status: '303',
    statusDescription: 'See Other',
    headers: {
      location: [{ key: 'location', value: '/wait' }],
      'cache-control': [{ key: 'cache-control', value: 'private, no-store' }],
    },
  });
}

export const handler = (event, context, callback) => {
  const { request } = event.Records[0].cf;
  const headers = request.headers ?? {};
  const { kind, show } = place(request.uri);
  if (kind === 'odd') return wait(callback);
  if (kind === 'guarded') {
    const passes = Array.isArray(headers['x-arena-pass']) ? headers['x-arena-pass'] : [];
    if (passes.length !== 1 || !admits(passes[0].value, show, new Date().getTime())) return wait(callback);
  }
  for (const name of OWN) delete headers[name];
  headers['x-hall-door'] = [{ key: 'X-Hall-Door', value: kind }];
  request.headers = headers;
  callback(null, request);
};
