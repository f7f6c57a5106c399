// SPDX-License-Identifier: Apache-2.0
// Parts that several views have.
import { button, h, say } from '../dom.js';

export const WINDOWS = [['5m', '5 min', 'last 5 minutes'], ['1h', 'Hour', 'last hour'], ['1d', 'Day', 'last day']];

/** The words of a window: `last 5 minutes`. */
export const windowWords = (name) => WINDOWS.find(([key]) => key === name)[2];

/** The window of the address bar; five minutes for any other word. */
export const windowOf = (params) => (WINDOWS.some(([key]) => key === params.window) ? params.window : '5m');

/** Lets the browser do what waits. */
export const breath = () => new Promise((resolve) => setTimeout(resolve));

/** A row of choices of which one is on. */
export function choices(label, options, chosen) {
  const buttons = options.map(([key, text]) => button(text, () => chosen(key), { 'data-key': key }));
  const element = h('div', { class: 'choices', role: 'group', 'aria-label': label }, buttons);
  return { element, set: (key) => buttons.forEach((b) => b.setAttribute('aria-pressed', b.dataset.key === key)) };
}

/** The place for the failure of a view's request. */
export function trouble() {
  const element = h('p', { class: 'error', role: 'status', hidden: true });
  return {
    element,
    clear: () => { element.hidden = true; },
    tell: (error) => {
      if (error.name === 'AbortError') return;
      element.hidden = false;
      const words = error.code || error.status ? error.message : 'The server does not answer.';
      say(element, error.remedy ? `${words}. ${error.remedy}` : words);
    },
  };
}

/** A select element of values and words, the first of which stands for all. */
export function select(name, options, attributes = {}) {
  return h('select', { name, ...attributes }, options.map(([value, text]) => h('option', { value }, text)));
}
