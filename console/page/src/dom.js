// SPDX-License-Identifier: Apache-2.0
// Elements without markup: every text becomes a text node, every link stays on this page.

const SVG = 'http://www.w3.org/2000/svg';

/** An HTML element. `props` are attributes, and `class`, `on` (listeners), `css` (custom properties); children are nodes or texts. */
export function h(name, props = {}, ...children) {
  return fill(document.createElement(name), props, children);
}

/** An SVG element, as `h`. */
export function svg(name, props = {}, ...children) {
  return fill(document.createElementNS(SVG, name), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') Object.entries(value).forEach(([type, listener]) => element.addEventListener(type, listener));
    else if (name === 'css') Object.entries(value).forEach(([property, text]) => element.style.setProperty(property, text));
    else attribute(element, name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Sets an attribute; a link must lead to a place on this page. */
export function attribute(element, name, value) {
  if (name === 'href' && !String(value).startsWith('#/')) throw new Error(`a link that leaves the page: ${value}`);
  if (name.startsWith('on') || name === 'style' || name === 'srcdoc') throw new Error(`an attribute that runs or styles: ${name}`);
  element.setAttribute(name, value === true ? '' : value);
}

/** Replaces the children. */
export function show(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Sets a text, and leaves the node alone when it has it already. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
  return element;
}

/** Text that a peer may have chosen: isolated, so that its direction cannot reach its surroundings. */
export function data(text, props = {}) {
  return h('bdi', { ...props, class: `data ${props.class ?? ''}`.trim() }, text);
}

const kept = new WeakMap();

/** Makes the children of `parent` one for each item; an item with a known key keeps its element, its focus and its place. */
export function keyed(parent, items, key, create, update = () => {}) {
  const before = kept.get(parent) ?? new Map();
  const now = new Map();
  let place = parent.firstChild;
  for (const item of items) {
    const id = key(item);
    if (now.has(id)) continue;
    const element = before.get(id) ?? create(item);
    update(element, item);
    now.set(id, element);
    if (element === place) place = place.nextSibling;
    else parent.insertBefore(element, place);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
  kept.set(parent, now);
}

/** A button. */
export function button(label, listener, props = {}) {
  return h('button', { type: 'button', ...props, on: { click: listener } }, label);
}

/** A command to copy. */
export function command(text) {
  const copy = button('Copy', async () => {
    await navigator.clipboard.writeText(text).then(() => say(copy, 'Copied'), () => say(copy, 'Select it'));
    setTimeout(() => say(copy, 'Copy'), 2000);
  }, { class: 'quiet', 'aria-label': `Copy the command: ${text}` });
  return h('div', { class: 'command' }, h('code', {}, data(text)), copy);
}

/** The commands that a remedy names, to copy: those in quotes, else the rest of the sentence from `mcp-mtls` on. */
export function commands(remedy) {
  const quoted = [...(remedy ?? '').matchAll(/'(mcp-mtls [^']+)'/g)].map(([, text]) => text);
  const rest = /(?:^|[^'])(mcp-mtls [a-z][^;']*)$/.exec(remedy ?? '');
  return [...new Set(quoted.length > 0 ? quoted : rest ? [rest[1].trim()] : [])].map(command);
}

/** A shape and a word for an outcome; the shape is for eyes alone. */
export function mark(outcome, word) {
  return h('span', { class: `mark ${outcome}` }, h('i', { 'aria-hidden': 'true' }), word === '' ? null : h('span', {}, word ?? outcome));
}

/** Says what is missing and what to do. */
export function empty(title, ...rest) {
  return h('div', { class: 'empty' }, h('p', { class: 'title' }, title), rest.map((part) => (typeof part === 'string' ? h('p', {}, part) : part)));
}

/** Terms and values; pairs without a value are left out. */
export function facts(pairs) {
  return h('dl', { class: 'facts' }, pairs
    .filter(([, value]) => value !== undefined && value !== null && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]));
}
