// SPDX-License-Identifier: Apache-2.0
// Numbers, times and names in words.
import { h } from './dom.js';

const formats = new Map();
const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
const DAY = { day: 'numeric', month: 'short' };
const DATE = { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };

/** A formatter, which is made once: that is slow. */
function format(options, value) {
  if (!formats.has(options)) formats.set(options, options ? new Intl.DateTimeFormat('en-GB', options) : new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 }));
  return formats.get(options).format(value);
}

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAYS = 24 * HOUR;
const UNITS = [[365 * DAYS, 'year', 'years'], [30 * DAYS, 'month', 'months'], [DAYS, 'day', 'days'], [HOUR, 'h', 'h'], [MINUTE, 'min', 'min'], [SECOND, 's', 's']];

const utc = (instant) => `${instant.replace('T', ' ').replace('Z', '')} UTC`;

/** A time in the local zone, with UTC on hover. `how` is `clock` (with the day when it is another), `date`, or a word of one's own. */
export function time(instant, how = 'clock') {
  if (!instant) return '';
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return instant;
  const words = how === 'date' ? format(DATE, at) : how === 'clock' ? clock(at) : how;
  return h('time', { datetime: instant, title: utc(instant) }, words);
}

/** The local time of day, with the day when it is not today. */
export function clock(at) {
  const today = at.toDateString() === new Date().toDateString();
  return today ? format(TIME, at) : `${format(DAY, at)} ${format(TIME, at)}`;
}

/** A duration in at most two units, for example `3 h 12 min`. */
export function duration(millis) {
  let left = Math.abs(millis);
  if (left < SECOND) return 'less than 1 s';
  const words = [];
  for (const [size, one, many] of UNITS) {
    const count = one === 'month' ? Math.min(11, Math.floor(left / size)) : Math.floor(left / size);
    if (count > 0 && words.length < 2) words.push(`${count} ${count === 1 ? one : many}`);
    else if (words.length > 0) break;
    left -= count * size;
  }
  return words.join(' ');
}

/** A point in time seen from now: `in 3 h 12 min`, `2 min ago`. */
export function relative(instant, now = Date.now()) {
  const left = new Date(instant).getTime() - now;
  return left >= 0 ? `in ${duration(left)}` : `${duration(left)} ago`;
}

export const count = (number) => format(undefined, number ?? 0);

/** `1 call`, `2 calls`. */
export const counted = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** A rate with as many digits as it needs. */
export const rate = (number) => (number >= 10 || number === 0 ? count(number) : number >= 1 ? number.toFixed(1).replace(/\.0$/, '') : number < 0.1 ? '< 0.1' : number.toFixed(1));

export const millis = (number) => (number === undefined ? '–' : number >= 1000 ? `${(number / 1000).toFixed(2)} s` : `${number >= 100 ? Math.round(number) : number.toFixed(1)} ms`);

export function bytes(number) {
  if (number < 1024) return `${number} B`;
  const power = Math.min(3, Math.floor(Math.log2(number) / 10));
  const value = number / 1024 ** power;
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`;
}

/** The part of a peer's name that tells it from others, and the part that it shares with them. */
export function peerName(peer) {
  if (!peer) return { short: 'no name', group: '' };
  if (peer === '(others)') return { short: 'others', group: '' };
  const spiffe = /^spiffe:\/\/([^/]*)\/?(.*)$/.exec(peer);
  if (spiffe) return { short: spiffe[2] || spiffe[1], group: spiffe[1] };
  const kind = /^(dns|ip|pin):(.*)$/.exec(peer);
  if (kind) return { short: kind[1] === 'pin' ? kind[2].replace(/^sha256\//, '').slice(0, 12) : kind[2], group: kind[1] === 'dns' ? 'DNS names' : kind[1] === 'ip' ? 'addresses' : 'pinned keys' };
  const subject = /^CN=((?:[^,\\]|\\.)+)/.exec(peer);
  return { short: subject ? subject[1] : peer, group: 'other names' };
}
