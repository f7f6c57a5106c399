// SPDX-License-Identifier: Apache-2.0
// A list of any length of which only the visible rows exist. Rows have one height, which the style sheet decides (--row).
import { h, show } from './dom.js';

const SPARE = 6;
let lists = 0;

/** A list box: arrows move, Enter opens. `options`: label, key(item), render(item) → nodes, open(item), more() when the end is near. */
export class VirtualList {
  #options;
  #items = [];
  #rows = new Map();
  #index = new Map();
  #active;
  #height = 48;
  #scheduled = false;
  #name = `list-${++lists}`;
  #space = h('div', { class: 'space', role: 'presentation' });

  constructor(options) {
    this.#options = options;
    this.element = h('div', {
      class: 'list',
      role: 'listbox',
      tabindex: '0',
      'aria-label': options.label,
      on: { scroll: () => this.#schedule(), keydown: (event) => this.#key(event), click: (event) => this.#click(event), focus: () => this.#focus() },
    }, this.#space);
    this.resize = new ResizeObserver(() => {
      const before = this.#height;
      this.#height = parseFloat(getComputedStyle(this.element).getPropertyValue('--row')) || 48;
      if (before !== this.#height) this.#rows.forEach((row) => row.remove()), this.#rows.clear();
      this.#schedule();
    });
    this.resize.observe(this.element);
  }

  get isAtTop() {
    return this.element.scrollTop < this.#height / 2;
  }

  get active() {
    return this.#active;
  }

  /** Shows other items. Away from the top, the visible ones stay where they are. `fresh` has keys whose rows are rendered again. */
  set(items, fresh = undefined) {
    const { key } = this.#options;
    const anchor = this.isAtTop ? undefined : this.#items[Math.floor(this.element.scrollTop / this.#height)];
    const offset = this.element.scrollTop % this.#height;
    this.#items = items;
    this.#index = new Map(items.map((item, i) => [key(item), i]));
    if (fresh === true) this.#rows.forEach((row) => row.remove()), this.#rows.clear();
    this.#resizeSpace();
    const place = anchor && this.#index.get(key(anchor));
    if (place !== undefined) this.element.scrollTop = place * this.#height + offset;
    this.#schedule();
  }

  /** Marks an item as the chosen one; undefined for none. */
  choose(id) {
    this.#active = id;
    this.#schedule();
  }

  top() {
    this.element.scrollTop = 0;
  }

  dispose() {
    this.resize.disconnect();
  }

  #resizeSpace() {
    this.#space.style.setProperty('height', `${this.#items.length * this.#height}px`);
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  #draw() {
    const { key, render, more } = this.#options;
    this.#resizeSpace();
    const from = Math.max(0, Math.floor(this.element.scrollTop / this.#height) - SPARE);
    const until = Math.min(this.#items.length, Math.ceil((this.element.scrollTop + this.element.clientHeight) / this.#height) + SPARE);
    const visible = new Set();
    for (let i = from; i < until; i++) {
      const item = this.#items[i];
      const id = key(item);
      visible.add(id);
      let row = this.#rows.get(id);
      if (!row) {
        row = h('div', { class: 'row', role: 'option', id: `${this.#name}-${id}` }, render(item));
        this.#rows.set(id, row);
        this.#space.append(row);
      }
      if (row.place !== i || row.count !== this.#items.length) {
        row.place = i;
        row.count = this.#items.length;
        row.style.setProperty('transform', `translateY(${i * this.#height}px)`);
        row.setAttribute('aria-posinset', i + 1);
        row.setAttribute('aria-setsize', this.#items.length);
      }
      row.setAttribute('aria-selected', id === this.#active);
    }
    for (const [id, row] of this.#rows) {
      if (!visible.has(id)) {
        row.remove();
        this.#rows.delete(id);
      }
    }
    if (this.#active !== undefined && visible.has(this.#active)) this.element.setAttribute('aria-activedescendant', `${this.#name}-${this.#active}`);
    else this.element.removeAttribute('aria-activedescendant');
    if (more && until >= this.#items.length - 20) more();
  }

  #focus() {
    if (this.#active === undefined && this.#items.length > 0 && this.element.matches(':focus-visible')) this.#move(0);
  }

  #move(place) {
    const i = Math.max(0, Math.min(this.#items.length - 1, place));
    if (this.#items.length === 0) return;
    this.#active = this.#options.key(this.#items[i]);
    const top = i * this.#height;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top + this.#height > this.element.scrollTop + this.element.clientHeight) this.element.scrollTop = top + this.#height - this.element.clientHeight;
    this.#schedule();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const now = this.#index.get(this.#active) ?? -1;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#height) - 1);
    const moves = { ArrowDown: now + 1, ArrowUp: now - 1, PageDown: now + page, PageUp: now - page, Home: 0, End: this.#items.length - 1 };
    if (event.key in moves) this.#move(moves[event.key]);
    else if ((event.key === 'Enter' || event.key === ' ') && now >= 0) this.#options.open(this.#items[now], true);
    else return;
    event.preventDefault();
  }

  #click(event) {
    const row = event.target.closest('[role=option]');
    if (!row || event.target.closest('a, button')) return;
    this.#active = this.#options.key(this.#items[row.place]);
    this.#options.open(this.#items[row.place], false);
    this.#schedule();
  }
}

/** The panel beside a list that shows one of its items; on narrow screens it covers the page. */
export class Detail {
  #back;

  constructor(label, closed) {
    this.body = h('div', { class: 'body' });
    this.title = h('h2', { tabindex: '-1' });
    this.element = h('aside', { class: 'detail', 'aria-label': label, hidden: true, on: { keydown: (event) => event.key === 'Escape' && this.close() } },
      h('header', {}, this.title, h('button', { type: 'button', class: 'quiet', on: { click: () => this.close() } }, 'Close')), this.body);
    this.closed = closed;
  }

  /** Shows a title and nodes; moves the focus there when a key asked for it, or when the panel covers the list. */
  open(title, nodes, focus) {
    if (this.element.hidden) this.#back = document.activeElement;
    show(this.title, title);
    show(this.body, nodes);
    this.element.hidden = false;
    this.body.scrollTop = 0;
    if (focus || getComputedStyle(this.element).position === 'fixed') this.title.focus({ preventScroll: true });
  }

  close() {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.#back?.focus?.({ preventScroll: true });
    this.closed();
  }
}
