// Calls draw(place) at first and whenever the slider of a panel moves; the button plays it to the end.
function sliding(panel, draw) {
  const range = panel.querySelector('[data-slider]');
  const told = panel.querySelector('.slider output');
  const button = panel.querySelector('[data-play]');
  const labels = range.dataset.labels.split('|');
  let timer = null;
  function show() {
    const at = Number(range.value);
    told.textContent = labels[at];
    range.setAttribute('aria-valuetext', labels[at]);
    draw(at);
  }
  function stop() {
    clearInterval(timer);
    timer = null;
    button.textContent = 'Play';
  }
  function turn() {
    if (Number(range.value) >= labels.length - 1) return stop();
    range.value = Number(range.value) + 1;
    show();
  }
  range.addEventListener('input', function () { stop(); show(); });
  button.addEventListener('click', function () {
    if (timer !== null) return stop();
    if (Number(range.value) >= labels.length - 1) range.value = 0;
    show();
    button.textContent = 'Pause';
    timer = setInterval(turn, Number(button.dataset.pace));
  });
  show();
}

// Arrow keys, Home and End move among marks of which one alone is reached by Tab; tell(mark) is called for the one that is looked at.
function roving(marks, tell) {
  function at(i, focus) {
    marks.forEach(function (mark, j) { mark.setAttribute('tabindex', i === j ? '0' : '-1'); });
    if (focus) marks[i].focus();
  }
  marks.forEach(function (mark, i) {
    mark.addEventListener('keydown', function (event) {
      const to = { ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: marks.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      at((to + marks.length) % marks.length, true);
    });
    mark.addEventListener('focus', function () { at(i, false); tell(mark); });
    mark.addEventListener('pointerenter', function () { tell(mark); });
    mark.addEventListener('click', function () { mark.focus(); tell(mark); });
  });
}

function percent(share) {
  return share > 0 && share < 0.005 ? 'under 1 %' : Math.round(100 * share) + ' %';
}
