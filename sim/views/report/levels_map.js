const WORDS = ['open', 'reviews or declares', 'binding limit', 'exclusion with a date'];
const tiles = Array.from(panel.querySelectorAll('[data-tile]'));
const status = panel.querySelector('.told');
const rows = data.levels;  // the governments of a month together
let month = 0;
let looked = null;

function row(tile) { return rows[month * tiles.length + Number(tile.dataset.tile)]; }

function tell(tile) {
  const r = row(tile);
  looked = tile;
  const parts = WORDS.map(function (words, n) { return [r['at_' + n], n + ' ' + words + ' in ' + percent(r['at_' + n])]; });
  let text = tile.dataset.name + ', ' + r.month + ': ' + parts.filter(function (p) { return p[0] > 0; }).map(function (p) { return p[1]; }).join(', ');
  text += ' of worlds; mean level ' + r.mean.toFixed(2);
  if (r.base !== undefined && r.base !== null) text += ', against ' + r.base.toFixed(2) + ' in the run it is held against';
  if (r.record !== undefined && r.record !== null) text += '; on record: ' + r.record + ' ' + WORDS[r.record];
  status.textContent = text + '.';
}

sliding(panel, function (at) {
  month = at;
  tiles.forEach(function (tile) {
    const r = row(tile);
    tile.className = 'tile l' + r.level;
    tile.children[1].textContent = Math.round(100 * r.share) + ' %';
    const seen = r.record !== undefined && r.record !== null;
    tile.children[2].textContent = !seen ? '' : r.record === 0 ? '◇' : '◆'.repeat(r.record);
    tile.setAttribute('aria-label', tile.dataset.name + ': level ' + r.level + ', ' + WORDS[r.level] + ', in ' + percent(r.share) + ' of worlds' +
      (seen ? '; on record ' + r.record : ''));
  });
  if (looked) tell(looked);
});
roving(tiles, tell);
