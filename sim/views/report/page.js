const parts = JSON.parse(document.getElementById('parts').textContent);

// Columns and rows of a table become objects, one a row.
function rowsOf(table) {
  return table.rows.map(function (row) {
    const found = {};
    table.columns.forEach(function (name, i) { found[name] = row[i]; });
    return found;
  });
}

// A cell for a spreadsheet: text that it would take for a formula begins with an apostrophe; numbers stay as they are.
function cell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  let text = String(value);
  if (/^(=|\+|-|@|\t|\r|\n|\{=|\uff1d|\uff0b|\uff0d|\uff20)/.test(text)) text = "'" + text;
  return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
}

function csv(table) {
  return [table.columns].concat(table.rows).map(function (row) { return row.map(cell).join(','); }).join('\n') + '\n';
}

function save(name, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  document.body.appendChild(link);
  link.click();
  link.remove();
  setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
}

document.querySelectorAll('button[data-csv]').forEach(function (button) {
  button.hidden = false;
  button.addEventListener('click', function () {
    save(button.dataset.file, csv(parts[button.dataset.panel].data[button.dataset.csv]));
  });
});

document.querySelectorAll('input[data-filter]').forEach(function (input) {
  const table = document.getElementById(input.dataset.filter);
  const told = document.getElementById(input.dataset.filter + '-count');
  const rows = Array.from(table.tBodies[0].rows);
  const texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
  input.parentElement.hidden = false;
  function narrow() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach(function (row, i) {
      const fits = words.every(function (word) { return texts[i].includes(word); });
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    told.textContent = shown + ' of ' + rows.length;
  }
  input.addEventListener('input', narrow);
  narrow();
});

// Print shows what is folded.
let opened = [];
window.addEventListener('beforeprint', function () {
  opened = Array.from(document.querySelectorAll('details[data-print]:not([open])'));
  opened.forEach(function (part) { part.open = true; });
});
window.addEventListener('afterprint', function () { opened.forEach(function (part) { part.open = false; }); });

function withData(spec, data) {
  const whole = JSON.parse(JSON.stringify(spec));
  if ((whole.$schema || '').includes('/vega-lite/')) {
    whole.datasets = Object.assign({}, data, whole.datasets || {});
  } else {
    (whole.data || []).forEach(function (one) {
      if (!one.values && !one.source && !one.url && data[one.name]) one.values = data[one.name];
    });
  }
  return whole;
}

const INK = 'var(--ink)';
const FAINT = 'var(--line)';
const config = {
  background: 'transparent', aria: false, font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: INK, titleColor: INK, domainColor: FAINT, tickColor: FAINT, gridColor: FAINT, gridOpacity: 0.6,
    labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelOverlap: true, labelPadding: 4,
  },
  legend: { labelColor: INK, titleColor: INK, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal' },
  header: { labelColor: INK, titleColor: INK, labelFontSize: 12, titleFontSize: 12 },
  title: { color: INK, subtitleColor: INK, fontSize: 13 },
  text: { color: INK, fontSize: 12 },
  range: { category: ['var(--c1)', 'var(--c2)', 'var(--c3)', 'var(--c4)', 'var(--c5)', 'var(--c6)', 'var(--c7)'] },
};
const options = {
  actions: false, ast: true, expr: globalThis.expressionInterpreter, renderer: 'svg', defaultStyle: false, config: config,
  tooltip: { disableDefaultStyle: true, theme: 'report' }, loader: vega.loader({ http: false, file: false }),
};

async function draw() {
  for (const panel of document.querySelectorAll('[data-panel-key]')) {
    const key = panel.dataset.panelKey;
    const part = parts[key];
    const data = {};
    Object.keys(part.data).forEach(function (name) { data[name] = rowsOf(part.data[name]); });
    const place = panel.querySelector('.chart');
    let view = null;
    if (part.spec && place) {
      try {
        view = (await vegaEmbed(place, withData(part.spec, data), options)).view;
        place.classList.add('drawn');
      } catch (fault) {
        place.textContent = 'This chart cannot be drawn here; its numbers are below.';
        console.error(key, fault);
      }
    }
    if (panelScripts[key]) panelScripts[key](panel, view, data);
  }
  document.documentElement.dataset.drawn = 'yes';
}
draw();
