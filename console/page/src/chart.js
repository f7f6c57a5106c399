// SPDX-License-Identifier: Apache-2.0
// Stacked areas over time, drawn by uPlot. A bundle of its own, which only the view that needs it loads.
import uPlot from 'uplot';

const HEIGHT = 180;
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const EXACT = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** A chart of `series` ([member, word, outcome]) in `place`; colours come from the style sheet, again when they change. */
export function chart(place, series) {
  let plot;
  let steps = [];
  let stack = [];
  let rates = [];
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;

  const colour = (name) => getComputedStyle(place).getPropertyValue(`--${name}`).trim();

  function make() {
    plot?.destroy();
    const axis = { stroke: colour('muted'), font: '11px system-ui, sans-serif', grid: { stroke: colour('line'), width: 1 }, ticks: { show: false } };
    plot = new uPlot({
      width: Math.max(200, place.clientWidth),
      height: HEIGHT,
      legend: { show: false },
      padding: [8, 8, 0, 0],
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { y: { range: (_, min, max) => [0, Math.max(1, max * 1.1)] } },
      axes: [
        { ...axis, size: 28, space: 60, incrs: [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600], values: (_, ticks) => ticks.map((tick) => CLOCK.format(new Date(tick * 1000))), grid: { show: false } },
        { ...axis, size: 44, space: 34 },
      ],
      series: [{}, ...[...series].reverse().map(([, , outcome], i) => ({ stroke: colour(outcome), width: 1.5, fill: i === series.length - 1 ? colour(`${outcome}-fill`) : undefined, points: { show: false } }))],
      bands: series.slice(1).reverse().map(([, , outcome], i) => ({ series: [i + 1, i + 2], fill: colour(`${outcome}-fill`) })),
      hooks: { setCursor: [point] },
    }, [steps, ...stack], place);
    place.append(tip);
  }

  function point(self) {
    const { idx, left } = self.cursor;
    tip.hidden = idx === null || idx === undefined || left < 0 || steps[idx] === undefined;
    if (tip.hidden) return;
    const at = new Date(steps[idx] * 1000);
    const lines = series.map(([, word], i) => `${word} ${rates[i][idx].toFixed(1)}`);
    tip.textContent = `${EXACT.format(at)}\n${lines.join('\n')}`;
    tip.title = at.toISOString();
    const room = place.clientWidth - tip.offsetWidth - 8;
    tip.style.setProperty('left', `${Math.max(44, Math.min(room, left + 56))}px`);
  }

  const resize = new ResizeObserver(() => plot?.setSize({ width: Math.max(200, place.clientWidth), height: HEIGHT }));
  resize.observe(place);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const recolour = () => plot && make();
  dark.addEventListener('change', recolour);

  return {
    /** Shows counts of steps of that many seconds as rates. */
    set(times, values, seconds) {
      times = times.slice(0, -1); // the last step is still filling
      steps = times.map((time) => new Date(time).getTime() / 1000);
      rates = series.map(([member]) => times.map((_, i) => (values[member]?.[i] ?? 0) / seconds));
      let below = steps.map(() => 0);
      const sums = rates.map((rate) => (below = rate.map((number, i) => number + below[i])));
      stack = sums.reverse();
      if (plot) plot.setData([steps, ...stack]);
      else make();
    },
    destroy() {
      resize.disconnect();
      dark.removeEventListener('change', recolour);
      plot?.destroy();
    },
  };
}
