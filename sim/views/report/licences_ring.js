const WORDS = {
  licensed: 'holds a licence', intent: 'told of an intent to deny', waiting: 'waits for an answer',
  without: 'needs a licence and has none', unbound: 'needs no licence',
};
const shapes = {};
panel.querySelectorAll('[data-shape]').forEach(function (path) { shapes[path.dataset.shape] = path.getAttribute('d'); });
const pictures = Array.from(panel.querySelectorAll('.ring svg'));
const many = pictures[0].querySelectorAll('[data-firm]').length;
const rows = data.firms;  // the firms of a month together
const most = rows.reduce(function (m, r) { return Math.max(m, r.sales); }, 1e-12);
const status = panel.querySelector('.told');
let month = 0;
let looked = null;

function tell(mark) {
  looked = mark;
  const r = rows[month * many + Number(mark.dataset.firm)];
  const parts = Object.keys(WORDS).filter(function (s) { return r[s] > 0; }).map(function (s) { return WORDS[s] + ' in ' + percent(r[s]); });
  status.textContent = r.firm + ', ' + r.month + ': ' + parts.join(', ') + ' of worlds; may ship ' + percent(r.may_ship) +
    ' of what it sold in 2018; sells USD ' + (1000 * r.sales).toPrecision(2).replace(/\.0$/, '') + ' m in the month.';
}

sliding(panel, function (at) {
  month = at;
  pictures.forEach(function (picture) {
    picture.querySelectorAll('[data-way]').forEach(function (way) {
      const share = rows[month * many + Number(way.dataset.way)].may_ship;
      way.setAttribute('stroke-width', (share * Number(way.dataset.thick)).toFixed(2));
    });
    picture.querySelectorAll('[data-firm]').forEach(function (node) {
      const r = rows[month * many + Number(node.dataset.firm)];
      const mark = node.querySelector('[data-mark]');
      const size = 3.5 + (Number(mark.dataset.most) - 3.5) * Math.sqrt(Math.max(r.sales, 0) / most);
      mark.setAttribute('class', 'state ' + r.state);
      mark.setAttribute('d', shapes[r.state]);
      mark.setAttribute('transform', mark.getAttribute('transform').replace(/scale\(.*\)/, 'scale(' + size.toFixed(2) + ')'));
      mark.setAttribute('fill-opacity', (0.3 + 0.7 * r.share).toFixed(2));
      node.setAttribute('aria-label', r.firm + ': ' + WORDS[r.state] + ' in ' + percent(r.share) + ' of worlds');
    });
  });
  if (looked) tell(looked);
});
pictures.forEach(function (picture) { roving(Array.from(picture.querySelectorAll('[data-firm]')), tell); });
