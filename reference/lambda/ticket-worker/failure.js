/** A message that could not be done, and why: in words that are the worker's own, so that they may be logged. */
export class Failure extends Error {
  name = 'Failure';
}
