// In the frame of a picture: whoever is clicked, or entered with the Enter key, is chosen in the list of the page around it.
function choose(name) {
  for (const list of parent.document.querySelectorAll('marimo-dropdown')) {
    const select = list.shadowRoot && list.shadowRoot.querySelector('select');
    const option = select && Array.from(select.options).find(function (one) { return one.text === name; });
    if (!option) continue;
    Object.getOwnPropertyDescriptor(parent.HTMLSelectElement.prototype, 'value').set.call(select, option.value);
    select.dispatchEvent(new parent.Event('change', { bubbles: true }));
    list.scrollIntoView({ block: 'center' });
    return;
  }
}
function nameOf(target) {
  const mark = target.closest('[data-firm], [data-tile]');
  if (!mark) return null;
  return mark.dataset.name || data.firms[Number(mark.dataset.firm)].firm;
}
panel.addEventListener('click', function (event) {
  const name = nameOf(event.target);
  if (name) choose(name);
});
panel.addEventListener('keydown', function (event) {
  const name = event.key === 'Enter' && nameOf(event.target);
  if (name) choose(name);
});
