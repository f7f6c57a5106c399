// SPDX-License-Identifier: Apache-2.0
// The JSON API: answers, the stream of events, and the token that opens both. docs/reference/console-api.md is its contract.

const BASE = new URL('/console/api/', document.baseURI);
const KEY = 'mcp-mtls-token';
const SILENCE = 40_000; // the server sends a beat every 15 s
const WAITS = [500, 1000, 2000, 4000, 8000, 15_000];

/** An answer that is an error of the API. */
export class ApiError extends Error {
  constructor(status, error = {}) {
    super(error.message ?? `the server answered ${status}`);
    Object.assign(this, { status, code: error.code ?? '', remedy: error.remedy ?? '', candidates: error.candidates ?? [] });
  }
}

/** Takes the token from the fragment or from pasted text; true when there was one. */
export function takeToken(text) {
  const found = /(?:^|[#&?])token=([\w.~-]+)/.exec(text) ?? /^\s*([\w.~-]{16,})\s*$/.exec(text);
  if (!found) return false;
  sessionStorage.setItem(KEY, found[1]);
  return true;
}

function headers(more = {}) {
  const token = sessionStorage.getItem(KEY);
  return token ? { ...more, Authorization: `Bearer ${token}` } : more;
}

function address(path, params) {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(params)) if (value !== undefined && value !== '') url.searchParams.set(name, value);
  return url;
}

async function failure(answer) {
  return new ApiError(answer.status, (await answer.json().catch(() => ({}))).error);
}

/** The answer of an endpoint. Asks again when the server is busy. */
export async function get(path, params = {}, signal = undefined) {
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(address(path, params), { headers: headers(), signal, cache: 'no-store' });
    if (answer.ok) return answer.json();
    const error = await failure(answer);
    if (error.code !== 'BUSY' || attempt === 4) throw error;
    await new Promise((resolve) => setTimeout(resolve, 300 * (attempt + 1)));
  }
}

/**
 * The events as they happen. One stream at a time; it is opened again after every interruption, from the last event on.
 * `listener` has `hello(first)`, `events(list)`, `missed(count)` and `state(name, detail)`: live, waiting, full, locked, or silent without an audit log.
 */
export class Stream {
  #listener;
  #filters = {};
  #last;
  #abort = new AbortController();
  #attempt = 0;
  #timer;
  #queue = [];
  #frame = false;
  retryAt = 0;

  constructor(listener) {
    this.#listener = listener;
    addEventListener('online', () => this.retry());
  }

  /** Streams the events of these filters from now on. */
  open(filters) {
    this.#filters = filters;
    this.#last = undefined;
    this.#attempt = 0;
    this.#queue = [];
    this.#connect();
  }

  /** Tries at once. */
  retry() {
    this.#attempt = 0;
    this.#connect();
  }

  async #connect() {
    clearTimeout(this.#timer);
    this.#abort.abort();
    const mine = (this.#abort = new AbortController());
    try {
      const first = this.#last === undefined;
      const resume = first ? {} : { 'Last-Event-ID': String(this.#last) };
      const answer = await fetch(address('stream', this.#filters), { headers: headers(resume), signal: mine.signal, cache: 'no-store' });
      if (!answer.ok) throw await failure(answer);
      await this.#read(answer.body.getReader(), mine, first);
      throw new Error('the server closed the stream');
    } catch (error) {
      if (mine === this.#abort) this.#wait(error);
      mine.abort();
    }
  }

  async #read(reader, mine, first) {
    const decoder = new TextDecoder();
    let text = '';
    let silence;
    try {
      for (;;) {
        clearTimeout(silence);
        silence = setTimeout(() => reader.cancel(), SILENCE);
        const { done, value } = await reader.read();
        if (done || mine !== this.#abort) return;
        text += decoder.decode(value, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop();
        for (const block of blocks) first = this.#take(block, first);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  #take(block, first) {
    let type = 'message';
    let payload = '';
    for (const line of block.split('\n')) {
      if (line.startsWith('event:')) type = line.slice(6).trim();
      else if (line.startsWith('data:')) payload += line.slice(5);
    }
    if (payload === '') return first;
    const body = JSON.parse(payload);
    if (type === 'hello') {
      this.#attempt = 0;
      this.#last ??= body.id;
      this.#listener.state('live');
      this.#listener.hello(first);
    } else if (type === 'audit') {
      this.#last = Math.max(this.#last ?? 0, body.id);
      this.#queue.push(body);
      this.#flushSoon();
    } else if (type === 'missed') {
      this.#queue.push({ missed: body.count });
      this.#flushSoon();
    }
    return false;
  }

  /** Hands over the events of a frame together. */
  #flushSoon() {
    if (this.#frame) return;
    this.#frame = true;
    setTimeout(() => {
      this.#frame = false;
      const events = this.#queue;
      this.#queue = [];
      if (events.length > 0) this.#listener.events(events);
    }, 80);
  }

  #wait(error) {
    if (error.status === 401 || error.status === 403) {
      this.#listener.state('locked', error);
      return;
    }
    if (error.code === 'AUDIT_OFF' || error.code === 'AUDIT_UNREADABLE') {
      this.#listener.state('silent', error);
      this.#timer = setTimeout(() => this.#connect(), WAITS.at(-1));
      return;
    }
    const pause = WAITS[Math.min(this.#attempt++, WAITS.length - 1)] * (0.8 + Math.random() / 5);
    this.retryAt = Date.now() + pause;
    this.#listener.state(error.code === 'TOO_MANY_VIEWERS' ? 'full' : 'waiting', error);
    this.#timer = setTimeout(() => this.#connect(), pause);
  }
}

/** Calls `task` now and every `millis` while the page is visible; returns what stops it. */
export function poll(task, millis) {
  let timer;
  let running = false;
  let stopped = false;
  const run = async () => {
    clearTimeout(timer);
    if (stopped || running || document.hidden) return;
    running = true;
    await task();
    running = false;
    if (!stopped) timer = setTimeout(run, millis);
  };
  document.addEventListener('visibilitychange', run);
  run();
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', run);
  };
  return { stop, now: run };
}
