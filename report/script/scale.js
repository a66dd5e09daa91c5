// Logarithmic scales, their ticks, and room between labels.

// logScale maps low..high onto from..to.
function logScale(low, high, from, to) {
  const width = Math.log(high / low) || 1;
  return (value) => from + ((to - from) * Math.log(Math.min(Math.max(value, low), high) / low)) / width;
}

// rawReach is how far beyond values and intervals raw points may widen an axis, as a
// factor; those farther out are drawn at its end. A single stall would else press
// everything else together.
const rawReach = 1.25;

// extent is the range of values with their intervals and, as far as they may widen it, raw
// points, with a margin; of ratios it has 1 in it.
function extent(points, metric) {
  const known = (list) => list.filter((v) => v > 0 && Number.isFinite(v));
  const all = known(points.flatMap((p) => [p.value[0], ...(bounded(p.value) ? p.value.slice(1) : [])]));
  if (metric.ratio) all.push(0.9, 1.1);
  let low = Math.min(...all);
  let high = Math.max(...all);
  const raw = known(points.flatMap((p) => rawOf(p.row, metric)));
  low = Math.max(Math.min(low, ...raw), low / rawReach);
  high = Math.min(Math.max(high, ...raw), high * rawReach);
  if (high / low < 1.2) [low, high] = [low / 1.1, high * 1.1];
  const room = Math.pow(high / low, 0.04);
  return [low / room, high * room];
}

// ticks are round values from low to high, no more than seven.
function ticks(low, high) {
  if (high / low < 4) {
    for (let unit = Math.pow(10, Math.floor(Math.log10((high - low) / 7))); ; unit *= 10) {
      for (const step of [unit, 2 * unit, 5 * unit]) {
        const first = Math.ceil(low / step - 1e-9);
        const count = Math.floor(high / step + 1e-9) - first + 1;
        if (count <= 7) return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
      }
    }
  }
  let found = [];
  for (const [every, mantissas] of [[1, [1, 2, 5]], [1, [1, 3]], [1, [1]], [2, [1]], [5, [1]], [20, [1]], [100, [1]]]) {
    found = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
      if (e % every === 0) found.push(...mantissas.map((m) => Number(`${m}e${e}`)).filter((v) => v >= low && v <= high));
    }
    if (found.length <= 7) break;
  }
  return found;
}

// spread moves wishes apart by gap, within low..high, as little as pushing down and
// then up takes.
function spread(wishes, gap, low, high) {
  gap = Math.min(gap, (high - low) / Math.max(1, wishes.length - 1));
  const order = wishes.map((y, i) => i).sort((a, b) => wishes[a] - wishes[b]);
  const places = [];
  order.forEach((i, k) => { places[i] = Math.max(wishes[i], k ? places[order[k - 1]] + gap : low); });
  let limit = high;
  for (const i of order.reverse()) {
    places[i] = Math.min(places[i], limit);
    limit = places[i] - gap;
  }
  return places;
}
